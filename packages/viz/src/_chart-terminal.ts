import {
  type AxisModel,
  axisPosition,
  type ChartModel,
  isDrawable,
  type Layer,
  type LegendEntry,
  type Panel,
  unbrokenStretches,
} from './_chart-model.js';
import { DotCanvas } from './_dot-canvas.js';
import { displayWidth, fitColumns, padColumns, paint, printable, toAscii } from './_terminal-text.js';
import type { TerminalOptions } from './figure.js';

/** Braille dots (or one character a cell) inside axes with labels; the legend names the colours and the marks. */
export function drawChartInTerminal(chart: ChartModel, options: Required<TerminalOptions>): string[] {
  const plain = options.characters === 'ascii' ? toAsciiChart(chart) : chart;
  const widest = Math.max(
    1,
    ...plain.panels.flatMap(({ y }) => y.ticks.map(({ label }) => displayWidth(label))),
  );
  const left = Math.min(widest, Math.floor(options.columns * 0.4));
  const lines = plain.panels.flatMap((panel, index) => [
    ...(index === 0 ? [] : ['']),
    ...drawPanel(panel, left, plain.panels.length > 1 ? 10 : 16, options),
  ]);
  return [...lines, ...drawLegend(plain.legend, options)];
}

/** Before the layout, since `→` and `10⁻⁴` take other widths in ASCII. */
function toAsciiChart(chart: ChartModel): ChartModel {
  const toAsciiAxis = (axis: AxisModel): AxisModel => ({
    ...axis,
    title: toAscii(axis.title),
    ticks: axis.ticks.map(({ value, label }) => ({ value, label: toAscii(label) })),
  });
  return {
    ...chart,
    panels: chart.panels.map((panel) => ({ ...panel, x: toAsciiAxis(panel.x), y: toAsciiAxis(panel.y) })),
    legend: chart.legend.map((entry) => ({ ...entry, text: toAscii(entry.text) })),
  };
}

function drawPanel(panel: Panel, left: number, rows: number, options: Required<TerminalOptions>): string[] {
  const width = options.columns - left - 3;
  const canvas = new DotCanvas(width, rows, options.characters);
  const across = (value: number) => axisPosition(panel.x, value) * (canvas.dotsAcross - 1);
  const down = (value: number) => (1 - axisPosition(panel.y, value)) * (canvas.dotsDown - 1);
  for (const layer of panel.layers) drawLayer(layer, panel, canvas, across, down);

  const labels = new Map<number, string>();
  for (const { value, label } of panel.y.ticks) {
    const position = axisPosition(panel.y, value);
    const row = Math.round((1 - position) * (rows - 1));
    if (label !== '' && position > -0.001 && position < 1.001 && !labels.has(row)) labels.set(row, label);
  }
  const [bar, tick, corner, dash] =
    options.characters === 'ascii' ? ['|', '+', '+', '-'] : ['│', '┤', '└', '─'];
  const body = canvas
    .lines((text, colour) => paint(text, colour, options.colour))
    .map((line, row) => {
      const label = labels.get(row);
      return `${padColumns(label ?? '', left, 'right')} ${label === undefined ? bar : tick}${line}`;
    });
  return [
    ...(panel.y.title === '' ? [] : [fitColumns(printable(panel.y.title), options.columns)]),
    ...body,
    `${' '.repeat(left + 1)}${corner}${dash.repeat(width)}`,
    `${' '.repeat(left + 2)}${xLabels(panel.x, width)}`.trimEnd(),
    ...(panel.x.title === ''
      ? []
      : [fitColumns(`${' '.repeat(left + 2)}${printable(panel.x.title)}`, options.columns)]),
  ];
}

type Place = (value: number) => number;

function drawLayer(layer: Layer, { x, y }: Panel, canvas: DotCanvas, across: Place, down: Place): void {
  const drawable = (point: { x: number; y: number }) => isDrawable(x, point.x) && isDrawable(y, point.y);
  switch (layer.kind) {
    case 'line':
      for (const stretch of unbrokenStretches(layer.points, drawable)) {
        stretch.forEach((point, index) => {
          const from = stretch[Math.max(0, index - 1)]!;
          canvas.line(across(from.x), down(from.y), across(point.x), down(point.y), layer.colour);
        });
      }
      return;
    case 'segment':
      canvas.line(
        across(layer.from.x),
        down(layer.from.y),
        across(layer.to.x),
        down(layer.to.y),
        layer.colour,
      );
      return;
    case 'dots':
      for (const point of layer.points.filter(drawable)) {
        // Dots that are specks in the picture stay specks here, and do not hide a line.
        if (layer.radius < 2) canvas.dot(across(point.x), down(point.y), layer.colour);
        else canvas.mark(across(point.x), down(point.y), layer.colour);
      }
      return;
    case 'rule':
      if ('x' in layer.at)
        canvas.line(across(layer.at.x), 0, across(layer.at.x), canvas.dotsDown - 1, layer.colour, 3);
      else canvas.line(0, down(layer.at.y), canvas.dotsAcross - 1, down(layer.at.y), layer.colour, 3);
      return;
    case 'band':
      if (!layer.inTerminal) return;
      for (const edge of ['low', 'high'] as const) {
        const points = layer.points.map((point) => ({ x: point.x, y: point[edge] }));
        for (const stretch of unbrokenStretches(points, drawable)) {
          stretch.slice(1).forEach((point, index) => {
            const from = stretch[index]!;
            canvas.line(across(from.x), down(from.y), across(point.x), down(point.y), 'rule', 3);
          });
        }
      }
      return;
    case 'text':
      return;
  }
}

/** Centred under their ticks; a label that would touch the one before it is left out. */
function xLabels(axis: AxisModel, width: number): string {
  const cells = new Array<string>(width + 1).fill(' ');
  let free = 0;
  for (const { value, label } of axis.ticks) {
    const length = displayWidth(label);
    const centre = axisPosition(axis, value) * (width - 1);
    if (label === '' || centre < -0.5 || centre > width - 0.5) continue;
    const start = Math.max(0, Math.min(width - length, Math.round(centre - length / 2)));
    if (start < free) continue;
    [...label].forEach((character, index) => {
      cells[start + index] = character;
    });
    free = start + length + 1;
  }
  return cells.join('');
}

function drawLegend(legend: readonly LegendEntry[], options: Required<TerminalOptions>): string[] {
  const glyphs =
    options.characters === 'ascii'
      ? { line: '--', dot: 'o', band: '::', rule: '..' }
      : { line: '──', dot: '●', band: '⠒⠒', rule: '┄┄' };
  const lines: string[] = [];
  let room = 0;
  for (const { glyph, colour, text } of legend) {
    const mark = glyphs[glyph];
    const label = padColumns(
      printable(text),
      Math.min(displayWidth(printable(text)), options.columns - mark.length - 1),
    );
    const length = displayWidth(mark) + 1 + displayWidth(label);
    const entry = `${paint(mark, colour, options.colour)} ${label}`;
    if (lines.length > 0 && room >= length + 3) {
      lines[lines.length - 1] += `   ${entry}`;
      room -= length + 3;
    } else {
      lines.push(entry);
      room = options.columns - length;
    }
  }
  return lines;
}
