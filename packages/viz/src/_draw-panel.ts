import {
  type AxisModel,
  axisPosition,
  type ChartModel,
  isDrawable,
  LABEL_SIZE,
  type Layer,
  type Panel,
  type TextLayer,
  TICK_SIZE,
  unbrokenStretches,
} from './_chart-model.js';
import { type FrameBody, round, svgText } from './_frame.js';
import { escapeXml, measureText } from './_text.js';
import type { Theme } from './_theme.js';

/** Between the plot and what is written beside it, in CSS pixels. */
const LABEL_GAP = 8;
/** Between the plot and the line of the x axis. */
const AXIS_GAP = 4;
const TICK_LENGTH = 4;
const BELOW = 46;

/** From the middle of a line of text down to its baseline, and from its top, in fractions of the font size. */
const BASELINE = { middle: 0.3, top: 0.79 } as const;

/** Places on the plot, in CSS pixels from its upper left corner. */
interface Plot {
  readonly panel: Panel;
  readonly width: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** One panel as SVG elements. Room for labels and titles is measured; all panels of a chart have the same left edge. */
export function drawPanel(chart: ChartModel, panel: Panel, width: number, theme: Theme): FrameBody {
  const labels = chart.panels.flatMap(({ y }) => y.ticks.map(({ label }) => measureText(label, TICK_SIZE)));
  const left = Math.ceil(Math.max(...labels, 12) + LABEL_GAP + 2);
  const lastLabels = chart.panels.map(({ x }) => measureText(x.ticks.at(-1)?.label ?? '', TICK_SIZE) / 2);
  const right = Math.ceil(Math.max(chart.rightMargin ?? 16, ...lastLabels));
  const top = chart.panels.some(({ y }) => y.title !== '') ? LABEL_SIZE + 16 : 10;
  const plotWidth = width - left - right;
  const plot: Plot = {
    panel,
    width: plotWidth,
    x: (value) => axisPosition(panel.x, value) * plotWidth,
    y: (value) => (1 - axisPosition(panel.y, value)) * panel.height,
  };
  const content = [
    `<g class="viz-panel" transform="translate(${left},${top})"${describe('x', panel.x)}${describe('y', panel.y)} data-width="${round(plotWidth)}" data-height="${round(panel.height)}">`,
    ...drawAxes(plot, left, theme),
    ...panel.layers.flatMap((layer) => drawLayer(layer, plot, theme)),
    '</g>',
  ].join('\n');
  return { content, height: panel.height + top + BELOW };
}

/** What a program needs to read values back from places, as the report's page does under the pointer. */
function describe(name: 'x' | 'y', { scale, domain, title }: AxisModel): string {
  return ` data-${name}="${scale} ${domain.join(' ')}" data-${name}-title="${escapeXml(title)}"`;
}

function drawAxes({ panel, width, x, y }: Plot, left: number, theme: Theme): string[] {
  const parts: string[] = [];
  const write = (
    text: string,
    at: { x: number; y: number },
    size: number,
    anchor: 'start' | 'middle' | 'end',
  ) => parts.push(svgText(text, { ...at, size, anchor, colour: 'muted' }, theme));
  const onAxis = (axis: AxisModel) =>
    axis.ticks.filter(({ value }) => {
      const position = axisPosition(axis, value);
      return position > -1e-6 && position < 1 + 1e-6;
    });
  const stroke = (path: string, colour: 'grid' | 'rule') => {
    if (path !== '') parts.push(`<path d="${path}" stroke="${theme[colour]}" fill="none"/>`);
  };
  const half = (place: number) => Math.round(place) + 0.5;
  const ticks = onAxis(panel.x);
  const columns = ticks.filter(({ label }) => label !== '');
  const rows = onAxis(panel.y).filter(({ label }) => label !== '');
  if (panel.y.grid) stroke(rows.map(({ value }) => `M0,${half(y(value))}H${round(width)}`).join(''), 'grid');
  if (panel.x.grid) {
    stroke(columns.map(({ value }) => `M${half(x(value))},0V${panel.height}`).join(''), 'grid');
  }
  for (const { value, label } of rows) {
    write(label, { x: -LABEL_GAP, y: y(value) + BASELINE.middle * TICK_SIZE }, TICK_SIZE, 'end');
  }
  const foot = panel.height + AXIS_GAP;
  const marks = ticks.map(({ value }) => `M${half(x(value))},${foot + 0.5}v${TICK_LENGTH}`);
  stroke(`M0.5,${foot + 0.5}H${half(width)}${marks.join('')}`, 'rule');
  for (const { value, label } of columns) {
    const at = { x: x(value), y: foot + TICK_LENGTH + 4 + BASELINE.top * TICK_SIZE };
    write(label, at, TICK_SIZE, 'middle');
  }
  if (panel.x.title !== '') write(panel.x.title, { x: 0, y: foot + 37.5 }, LABEL_SIZE, 'start');
  if (panel.y.title !== '') write(panel.y.title, { x: -left, y: -14.5 }, LABEL_SIZE, 'start');
  return parts;
}

function drawLayer(layer: Layer, plot: Plot, theme: Theme): string[] {
  const { panel, width, x, y } = plot;
  const colour = theme[layer.colour];
  const place = (point: { x: number; y: number }) => `${round(x(point.x))},${round(y(point.y))}`;
  const drawable = (point: { x: number; y: number }) =>
    isDrawable(panel.x, point.x) && isDrawable(panel.y, point.y);
  const circle = (point: { x: number; y: number }, radius: number) =>
    `<circle cx="${round(x(point.x))}" cy="${round(y(point.y))}" r="${radius}"/>`;
  const dash = 'dash' in layer && layer.dash ? ` stroke-dasharray="${layer.dash.join(' ')}"` : '';
  const named = 'name' in layer && layer.name !== undefined ? ` data-name="${escapeXml(layer.name)}"` : '';
  switch (layer.kind) {
    case 'line': {
      const stretches = unbrokenStretches(layer.points, drawable);
      const long = stretches.filter(({ length }) => length > 1);
      const path = long.map((stretch) => `M${stretch.map(place).join('L')}`).join('');
      const stroke = `fill="none" stroke="${colour}" stroke-width="${layer.width}" stroke-linecap="round" stroke-linejoin="round"`;
      const lonely = stretches.filter(({ length }) => length === 1).map(([point]) => point!);
      return [
        ...(path === '' ? [] : [`<path class="viz-line"${named} d="${path}" ${stroke}${dash}/>`]),
        ...(lonely.length === 0
          ? []
          : [
              `<g class="viz-dots"${named} fill="${colour}">${lonely.map((point) => circle(point, Math.max(layer.width, 1.5))).join('')}</g>`,
            ]),
      ];
    }
    case 'band': {
      const stretches = unbrokenStretches(
        layer.points,
        (point) =>
          isDrawable(panel.x, point.x) && isDrawable(panel.y, point.low) && isDrawable(panel.y, point.high),
      );
      const path = stretches
        .map((stretch) => {
          const above = stretch.map((point) => place({ x: point.x, y: point.high }));
          const below = stretch.map((point) => place({ x: point.x, y: point.low })).reverse();
          return `M${[...above, ...below].join('L')}Z`;
        })
        .join('');
      if (path === '') return [];
      return [
        `<path class="viz-band"${named} d="${path}" fill="${colour}" fill-opacity="${layer.opacity}"/>`,
      ];
    }
    case 'dots': {
      const circles = layer.points.filter(drawable).map((point) => circle(point, layer.radius));
      if (circles.length === 0) return [];
      const opacity = layer.opacity === undefined ? '' : ` fill-opacity="${layer.opacity}"`;
      return [`<g class="viz-dots"${named} fill="${colour}"${opacity}>${circles.join('')}</g>`];
    }
    case 'rule': {
      const path =
        'x' in layer.at
          ? `M${round(x(layer.at.x))},0V${panel.height}`
          : `M0,${round(y(layer.at.y))}H${round(width)}`;
      return [`<path d="${path}" stroke="${colour}" fill="none"${dash}/>`];
    }
    case 'segment':
      return [
        `<path d="M${place(layer.from)}L${place(layer.to)}" stroke="${colour}" stroke-width="${layer.width}" fill="none"/>`,
      ];
    case 'text':
      return [drawText(layer, plot, theme)];
  }
}

function drawText(layer: TextLayer, { x, y }: Plot, theme: Theme): string {
  const { text, colour, dx = 0, dy = 0, align = 'left', baseline = 'middle', bold } = layer;
  const anchor = align === 'left' ? 'start' : 'end';
  const at = { x: x(layer.x) + dx, y: y(layer.y) + dy + BASELINE[baseline] * LABEL_SIZE };
  return svgText(text, { ...at, size: LABEL_SIZE, weight: bold ? 600 : 400, anchor, colour }, theme);
}
