import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';
import type { Schedule } from './schedule.js';

export interface OneCycleOptions {
  /** Highest learning rate. */
  readonly max: number;
  /** Length of the cycle, in steps, at least 2: its last step, `steps - 1`, takes the end value. */
  readonly steps: number;
  /** Share of the steps that rise. Default 0.25. */
  readonly riseFraction?: number;
  /** The cycle starts at `max / startDivisor`. Default 25. */
  readonly startDivisor?: number;
  /** The cycle ends at `max / endDivisor`. Default 1e5. */
  readonly endDivisor?: number;
}

/**
 * Cosine up from `max / startDivisor` to `max`, cosine down to `max / endDivisor` (Smith 2018). Equals PyTorch's
 * `OneCycleLR(max_lr=max, total_steps=steps, pct_start=riseFraction, div_factor=startDivisor,
 * final_div_factor=endDivisor / startDivisor)`; the defaults are those of fastai's `fit_one_cycle`.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { max, steps, riseFraction, startDivisor, endDivisor } = check.complete<Required<OneCycleOptions>>(
    'oneCycle',
    options,
    { ...needed, max: Number.NaN, riseFraction: 0.25, startDivisor: 25, endDivisor: 1e5 },
    {
      ...cycleChecks,
      max: number({ above: 0 }),
      startDivisor: number({ min: 1 }),
      endDivisor: number({ min: 1 }),
    },
  );
  return upAndDown(steps, riseFraction, max / startDivisor, max, max / endDivisor);
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

/** The momentum that goes with `oneCycle`: low where the learning rate is high, as PyTorch's `OneCycleLR` moves it. */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  const momentum = number({ min: 0, below: 1 });
  const { steps, high, low, riseFraction } = check.complete<Required<OneCycleMomentumOptions>>(
    'oneCycleMomentum',
    options,
    { ...needed, high: 0.95, low: 0.85, riseFraction: 0.25 },
    { ...cycleChecks, high: momentum, low: momentum },
  );
  return upAndDown(steps, riseFraction, high, low, high);
}

/** Has no default: what is missing fails its check. */
const needed = { steps: Number.NaN };
const cycleChecks = { steps: integer({ min: 2 }), riseFraction: number({ above: 0, below: 1 }) };

/** PyTorch's phases end at `riseFraction * steps - 1`, which need not be whole, and at `steps - 1`. */
function upAndDown(steps: number, riseFraction: number, start: number, top: number, end: number): Schedule {
  const [peak, last] = [riseFraction * steps - 1, steps - 1];
  return (step) => {
    if (step >= last) return end;
    const at = Math.max(step, 0);
    return at < peak ? anneal(start, top, at / peak) : anneal(top, end, (at - peak) / (last - peak));
  };
}

const anneal = (from: number, to: number, share: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
