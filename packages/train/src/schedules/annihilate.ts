import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';
import { cosine } from './cosine.js';
import type { Schedule, ScheduledValue } from './schedule.js';

export interface AnnihilateOptions {
  /** Steps that the schedule runs before the annihilation begins, at least 1. */
  readonly after: number;
  /** Length of the annihilation, in steps: one epoch in the experiment. */
  readonly steps: number;
  /** The cosine falls to the last value over this. Default 1000. */
  readonly divisor?: number;
}

/**
 * Runs `schedule` for `after` steps, then a cosine from the last value that it gave, `schedule(after - 1)`, towards that
 * value over `divisor`: the short last epoch of the 99.82 % experiment.
 */
export function annihilate(schedule: ScheduledValue, options: AnnihilateOptions): Schedule {
  check.refuseUnknown('annihilate', options, ['after', 'steps', 'divisor']);
  const { after, steps, divisor = 1000 } = options;
  check.require('annihilate', 'after', after, integer({ min: 1 }));
  check.require('annihilate', 'steps', steps, integer({ min: 1 }));
  check.require('annihilate', 'divisor', divisor, number({ min: 1 }));
  const before = typeof schedule === 'number' ? () => schedule : schedule;
  const last = before(after - 1);
  const fall = cosine({ from: last, to: last / divisor, steps });
  return (step) => (step < after ? before(step) : fall(step - after));
}
