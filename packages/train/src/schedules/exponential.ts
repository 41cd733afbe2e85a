import { number } from '@mnist/kit';
import { check } from '../_options.js';
import { checkRamp, progress, type RampOptions } from './_progress.js';
import type { Schedule } from './schedule.js';

/** The same factor from step to step: `from * (to / from) ** (step / steps)`. Both ends must be above 0. */
export function exponential(options: RampOptions): Schedule {
  checkRamp('exponential', options);
  const { from, to, steps } = options;
  check.require('exponential', 'from', from, number({ above: 0 }));
  check.require('exponential', 'to', to, number({ above: 0 }));
  return (step) => (step >= steps ? to : from * (to / from) ** progress(step, steps));
}
