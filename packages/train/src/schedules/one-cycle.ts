import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';
import { cosine } from './cosine.js';
import type { Schedule } from './schedule.js';

export interface OneCycleOptions {
  /** Highest learning rate. */
  readonly max: number;
  /** Length of the cycle, in steps, at least 2. */
  readonly steps: number;
  /** Share of the steps that rise. Default 0.25. */
  readonly riseFraction?: number;
  /** The cycle starts at `max / startDivisor`. Default 25. */
  readonly startDivisor?: number;
  /** The cycle ends at `max / endDivisor`. Default 1e5. */
  readonly endDivisor?: number;
}

/** Cosine up from `max / startDivisor` to `max`, cosine down to `max / endDivisor` (Smith 2018, as in fastai). */
export function oneCycle(options: OneCycleOptions): Schedule {
  check.refuseUnknown('oneCycle', options, ['max', 'steps', 'riseFraction', 'startDivisor', 'endDivisor']);
  const { max, steps, riseFraction = 0.25, startDivisor = 25, endDivisor = 1e5 } = options;
  check.require('oneCycle', 'max', max, number({ above: 0 }));
  check.require('oneCycle', 'steps', steps, integer({ min: 2 }));
  check.require('oneCycle', 'riseFraction', riseFraction, number({ above: 0, below: 1 }));
  check.require('oneCycle', 'startDivisor', startDivisor, number({ min: 1 }));
  check.require('oneCycle', 'endDivisor', endDivisor, number({ min: 1 }));
  const top = Math.min(Math.max(Math.round(riseFraction * steps), 1), steps - 1);
  const rise = cosine({ from: max / startDivisor, to: max, steps: top });
  const fall = cosine({ from: max, to: max / endDivisor, steps: steps - top });
  return (step) => (step < top ? rise(step) : fall(step - top));
}

export interface OneCycleMomentumOptions {
  /** Length of the cycle, in steps, at least 2. */
  readonly steps: number;
  /** Momentum at both ends of the cycle. Default 0.95. */
  readonly high?: number;
  /** Momentum where the learning rate is highest. Default 0.85. */
  readonly low?: number;
  /** Share of the steps that fall. Default 0.25: the same as that of `oneCycle`. */
  readonly riseFraction?: number;
}

/** The momentum that goes with `oneCycle`: low where the learning rate is high. */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  check.refuseUnknown('oneCycleMomentum', options, ['steps', 'high', 'low', 'riseFraction']);
  const { steps, high = 0.95, low = 0.85, riseFraction = 0.25 } = options;
  check.require('oneCycleMomentum', 'steps', steps, integer({ min: 2 }));
  check.require('oneCycleMomentum', 'high', high, number({ min: 0, below: 1 }));
  check.require('oneCycleMomentum', 'low', low, number({ min: 0, below: 1 }));
  check.require('oneCycleMomentum', 'riseFraction', riseFraction, number({ above: 0, below: 1 }));
  const bottom = Math.min(Math.max(Math.round(riseFraction * steps), 1), steps - 1);
  const fall = cosine({ from: high, to: low, steps: bottom });
  const rise = cosine({ from: low, to: high, steps: steps - bottom });
  return (step) => (step < bottom ? fall(step) : rise(step - bottom));
}
