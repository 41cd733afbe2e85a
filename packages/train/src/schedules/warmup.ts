import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';
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
  check.refuseUnknown('warmup', options, ['steps', 'from']);
  const { steps, from = 0 } = options;
  check.require('warmup', 'steps', steps, integer({ min: 1 }));
  check.require('warmup', 'from', from, number());
  const after = typeof schedule === 'number' ? () => schedule : schedule;
  return (step) => {
    if (step >= steps) return after(step - steps);
    return from + ((after(0) - from) * Math.max(step, 0)) / steps;
  };
}
