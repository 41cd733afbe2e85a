import { drawKey } from './_chart-key.js';
import type { ChartModel } from './_chart-model.js';
import { drawChartInTerminal } from './_chart-terminal.js';
import { drawPanel } from './_draw-panel.js';
import { FRAME_PADDING, type FrameText } from './_frame.js';
import { makeFigure } from './_make-figure.js';
import type { Figure } from './figure.js';

/** The width that a chart has inside its frame. */
export function chartWidth(figureWidth: number): number {
  return figureWidth - 2 * FRAME_PADDING;
}

/** A figure with one or more plots, and above them a key where the model has one. */
export function chartFigure(text: FrameText, chart: ChartModel, resize: (width: number) => Figure): Figure {
  const width = chartWidth(text.width);
  return makeFigure({
    text,
    resize,
    drawBody(theme) {
      const parts = chart.key?.length ? [drawKey(chart.key, width, theme)] : [];
      parts.push(...chart.panels.map((panel) => drawPanel(chart, panel, width, theme)));
      let height = 0;
      const placed = parts.map((part) => {
        const content =
          height === 0 ? part.content : `<g transform="translate(0,${height})">${part.content}</g>`;
        height += part.height;
        return content;
      });
      return { content: placed.join('\n'), height };
    },
    drawTerminal: (options) => drawChartInTerminal(chart, options),
  });
}
