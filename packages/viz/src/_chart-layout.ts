import { type ChartModel, LABEL_SIZE, type Panel, TICK_SIZE } from './_chart-model.js';
import { measureText } from './_text.js';

/** CSS pixels around the plotting area of one panel. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const TICK_GAP = 8;

/** Room for tick labels and titles, measured in the font that draws them; the same left edge for all panels. */
export function chartMargins(chart: ChartModel): Margins {
  const labels = chart.panels.flatMap(({ y }) => y.ticks.map(({ label }) => measureText(label, TICK_SIZE)));
  const left = Math.ceil(Math.max(...labels, 12) + TICK_GAP + 2);
  const lastLabels = chart.panels.map(({ x }) => measureText(x.ticks.at(-1)?.label ?? '', TICK_SIZE) / 2);
  const right = Math.ceil(Math.max(chart.rightMargin ?? 16, ...lastLabels));
  const titled = chart.panels.some(({ y }) => y.title !== '');
  return { left, right, top: titled ? LABEL_SIZE + 16 : 10, bottom: 46 };
}

export function panelHeight(panel: Panel, margins: Margins): number {
  return panel.height + margins.top + margins.bottom;
}
