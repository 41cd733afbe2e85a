import type { AxisModel } from './_chart-model.js';
import { extent } from './_series.js';
import { linearTicks } from './_ticks.js';

/** Steps or epochs, from the first to the last value. */
export function stepAxis(values: readonly number[], epochs: boolean, width: number): AxisModel {
  const [first, high] = extent(values);
  // A first step near zero, such as the middle of the first bin, belongs on an axis from zero.
  const low = first > 0 && first < 0.1 * high ? 0 : first;
  const range = linearTicks(low, high, {
    count: tickCount(width, 8),
    extend: false,
    minimumStep: epochs ? 0 : 1,
  });
  return { title: epochs ? 'Epoch' : 'Step', scale: 'linear', ...range, grid: false };
}

/** How many ticks have room side by side, on a chart that is `width` CSS pixels wide. */
export function tickCount(width: number, most: number): number {
  return Math.max(2, Math.min(most, Math.floor(width / 75)));
}

/** Accuracies in percent, with whole ticks at both ends. `values` are percent. */
export function accuracyAxis(values: readonly number[], count: number | undefined, ticks = 5): AxisModel {
  const [low, high] = extent(values);
  const range = linearTicks(low, high, { count: ticks });
  const of = count === undefined ? '' : ` of ${count.toLocaleString('en-US')} images`;
  return { title: `Accuracy (%${of})`, scale: 'linear', ...range, grid: true };
}
