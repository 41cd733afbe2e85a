import { drawKey } from './_chart-key.js';
import { chartMargins, panelHeight } from './_chart-layout.js';
import type { ChartModel } from './_chart-model.js';
import { panelSpec } from './_chart-spec.js';
import { drawChartInTerminal } from './_chart-terminal.js';
import { FRAME_PADDING, type FrameText } from './_frame.js';
import { makeFigure } from './_make-figure.js';
import { themeColours } from './_theme.js';
import type { ChartFigure } from './chart-figure.js';

/** The width that a chart has inside its frame. */
export function chartWidth(figureWidth: number): number {
  return figureWidth - 2 * FRAME_PADDING;
}

/** A figure with one or more plots, drawn by Vega. */
export function chartFigure(
  text: FrameText,
  chart: ChartModel,
  resize: (width: number) => ChartFigure,
): ChartFigure {
  const width = chartWidth(text.width);
  const margins = chartMargins(chart);
  const figure = makeFigure({
    text,
    resize,
    async drawBody(theme) {
      const parts: string[] = [];
      let y = 0;
      if (chart.key !== undefined && chart.key.length > 0) {
        const key = drawKey(chart.key, width, theme);
        parts.push(key.content);
        y += key.height;
      }
      for (const panel of chart.panels) {
        const svg = await renderSpec(panelSpec(chart, panel, width, theme));
        parts.push(y === 0 ? svg : `<g transform="translate(0,${y})">${svg}</g>`);
        y += panelHeight(panel, margins);
      }
      return { content: parts.join('\n'), height: y };
    },
    drawTerminal: (options) => drawChartInTerminal(chart, options),
  });
  return {
    ...figure,
    resize,
    toVegaLite: () => chart.panels.map((panel) => panelSpec(chart, panel, width, themeColours('light'))),
  };
}

/** The elements inside Vega's `<svg>`. Vega is loaded on first use: it takes a third of a second. */
async function renderSpec(spec: Record<string, unknown>): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new View(parse(compile(spec as never).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'));
  } finally {
    view.finalize();
  }
}
