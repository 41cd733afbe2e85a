import { checkNumber, checkOptionNames } from '../_check-options.js';

export interface RampOptions {
  /** Value at step 0. */
  readonly from: number;
  /** Value at step `steps`, and at every later step. */
  readonly to: number;
  /** Length, in steps. */
  readonly steps: number;
}

export function checkRamp(owner: string, options: RampOptions, more: readonly string[] = []): void {
  checkOptionNames(owner, options, ['from', 'to', 'steps', ...more]);
  checkNumber(`${owner}: from`, options.from);
  checkNumber(`${owner}: to`, options.to);
  checkNumber(`${owner}: steps`, options.steps, { integer: true, min: 1 });
}

/** Share of the way: 0 at step 0 and before, 1 at `steps` and after. */
export function progress(step: number, steps: number): number {
  return Math.min(Math.max(step / steps, 0), 1);
}
