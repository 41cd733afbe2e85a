import { number } from '@mnist/kit';
import { check } from '../_options.js';
import { checkRamp, progress, type RampOptions } from './_progress.js';
import type { Schedule } from './schedule.js';

export interface PolynomialOptions extends RampOptions {
  /** Above 0. 1 is a straight line, 2 (default) falls fast first. */
  readonly power?: number;
}

/** `to + (from - to) * (1 - step / steps) ** power`. */
export function polynomial(options: PolynomialOptions): Schedule {
  checkRamp('polynomial', options, ['power']);
  const { from, to, steps, power = 2 } = options;
  check.require('polynomial', 'power', power, number({ above: 0 }));
  return (step) => to + (from - to) * (1 - progress(step, steps)) ** power;
}
