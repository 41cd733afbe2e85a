import { checkNumber, checkOptionNames } from '../_check-options.js';
import type { ScheduledValue } from './schedule.js';

export interface SampleScheduleOptions {
  /** Steps of the training, at least 1. */
  readonly steps: number;
  /** At most so many points, evenly spread, the first and the last step among them. Default: every step. */
  readonly points?: number;
}

/** The values of a schedule as plain points, ready for a plot. */
export function sampleSchedule(
  schedule: ScheduledValue,
  options: SampleScheduleOptions,
): { readonly step: number; readonly value: number }[] {
  checkOptionNames('sampleSchedule', options, ['steps', 'points']);
  const { steps, points = steps } = options;
  checkNumber('sampleSchedule: steps', steps, { integer: true, min: 1 });
  checkNumber('sampleSchedule: points', points, { integer: true, min: 1 });
  const count = Math.min(points, steps);
  return Array.from({ length: count }, (_, i) => {
    const step = count === 1 ? 0 : Math.round((i * (steps - 1)) / (count - 1));
    return { step, value: typeof schedule === 'number' ? schedule : schedule(step) };
  });
}
