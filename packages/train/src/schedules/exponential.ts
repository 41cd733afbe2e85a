import { checkNumber } from '../_check-options.js';
import { checkRamp, progress, type RampOptions } from './_progress.js';
import type { Schedule } from './schedule.js';

/** The same factor from step to step: `from * (to / from) ** (step / steps)`. Both ends must be above 0. */
export function exponential(options: RampOptions): Schedule {
  checkRamp('exponential', options);
  const { from, to, steps } = options;
  checkNumber('exponential: from', from, { above: 0 });
  checkNumber('exponential: to', to, { above: 0 });
  return (step) => (step >= steps ? to : from * (to / from) ** progress(step, steps));
}
