import { checkRamp, progress, type RampOptions } from './_progress.js';
import type { Schedule } from './schedule.js';

/** Half a cosine wave: `to + (from - to) * (1 + cos(pi * step / steps)) / 2` (Loshchilov & Hutter 2017, one period). */
export function cosine(options: RampOptions): Schedule {
  checkRamp('cosine', options);
  const { from, to, steps } = options;
  return (step) =>
    step >= steps ? to : to + ((from - to) * (1 + Math.cos(Math.PI * progress(step, steps)))) / 2;
}
