import { checkNumber, checkOptionNames } from '../_check-options.js';
import type { Schedule, ScheduledValue } from './schedule.js';

export interface WarmupOptions {
  /** Length of the warm-up, in steps. */
  readonly steps: number;
  /** Value at step 0. Default 0. */
  readonly from?: number;
}

/**
 * Rises on a straight line to the schedule's first value, then runs the schedule from its own step 0
 * (Goyal et al. 2017).
 */
export function warmup(schedule: ScheduledValue, options: WarmupOptions): Schedule {
  checkOptionNames('warmup', options, ['steps', 'from']);
  const { steps, from = 0 } = options;
  checkNumber('warmup: steps', steps, { integer: true, min: 1 });
  checkNumber('warmup: from', from);
  const after = typeof schedule === 'number' ? () => schedule : schedule;
  return (step) => {
    if (step >= steps) return after(step - steps);
    return from + ((after(0) - from) * Math.max(step, 0)) / steps;
  };
}
