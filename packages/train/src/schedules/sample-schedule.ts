import { integer } from '@mnist/kit';
import { check } from '../_options.js';
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
  check.refuseUnknown('sampleSchedule', options, ['steps', 'points']);
  const { steps, points = steps } = options;
  check.require('sampleSchedule', 'steps', steps, integer({ min: 1 }));
  check.require('sampleSchedule', 'points', points, integer({ min: 1 }));
  const count = Math.min(points, steps);
  return Array.from({ length: count }, (_, i) => {
    const step = count === 1 ? 0 : Math.round((i * (steps - 1)) / (count - 1));
    return { step, value: typeof schedule === 'number' ? schedule : schedule(step) };
  });
}
