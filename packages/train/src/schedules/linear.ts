import { checkRamp, progress, type RampOptions } from './_progress.js';
import type { Schedule } from './schedule.js';

/** Straight line: `from + (to - from) * step / steps`. */
export function linear(options: RampOptions): Schedule {
  checkRamp('linear', options);
  const { from, to, steps } = options;
  return (step) => (step >= steps ? to : from + (to - from) * progress(step, steps));
}
