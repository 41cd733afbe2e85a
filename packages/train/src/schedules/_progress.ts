import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';

/**
 * As in PyTorch's schedulers (`total_iters`, `T_max`), a ramp arrives after its last step, where the next part of a
 * `sequence` begins: a run of `steps` steps ends one step before `to`. Pass `steps - 1` where its last step shall take `to`.
 */
export interface RampOptions {
  /** Value at step 0. */
  readonly from: number;
  /** Value at step `steps`, and at every later step. */
  readonly to: number;
  /** Length, in steps. */
  readonly steps: number;
}

export function checkRamp(owner: string, options: RampOptions, more: readonly string[] = []): void {
  check.refuseUnknown(owner, options, ['from', 'to', 'steps', ...more]);
  check.require(owner, 'from', options.from, number());
  check.require(owner, 'to', options.to, number());
  check.require(owner, 'steps', options.steps, integer({ min: 1 }));
}

/** Share of the way: 0 at step 0 and before, 1 at `steps` and after. */
export function progress(step: number, steps: number): number {
  return Math.min(Math.max(step / steps, 0), 1);
}
