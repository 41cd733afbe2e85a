import type { TrainingState } from '@mnist/engine';
import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';
import { TrainError } from '../train-error.js';
import type { Callback } from './callback.js';

export interface NanGuardOptions {
  /** Keep a state every so many steps; each costs a copy of all weights and moments. Default 100. */
  readonly everySteps?: number;
  /** A loss above this counts as diverged too. Default: no limit. */
  readonly maxLoss?: number;
  /** Throw a TrainError DIVERGED (default false: end the training with the reason `diverged`). */
  readonly throws?: boolean;
}

/**
 * Ends the training when the loss is no longer a finite number, and gives the model the last state that is known to be
 * good: one that a later step found a finite loss for.
 */
export function nanGuard(options: NanGuardOptions = {}): Callback {
  check.refuseUnknown('nanGuard', options, ['everySteps', 'maxLoss', 'throws']);
  const { everySteps = 100, maxLoss = Number.POSITIVE_INFINITY, throws = false } = options;
  check.require('nanGuard', 'everySteps', everySteps, integer({ min: 1 }));
  if (options.maxLoss !== undefined) check.require('nanGuard', 'maxLoss', maxLoss, number({ above: 0 }));
  let good: TrainingState | undefined;
  let unproven: TrainingState | undefined;
  return {
    name: 'nanGuard',
    async trainBegin(run) {
      good = await run.session.state();
      unproven = undefined;
    },
    async stepEnd(run, { step, loss }) {
      if (Number.isFinite(loss) && loss <= maxLoss) {
        if (unproven) [good, unproven] = [unproven, undefined];
        if (run.step % everySteps === 0) unproven = await run.session.state();
        return;
      }
      await run.session.restore(good!);
      const detail = `The loss of step ${step} is ${loss}; the weights are those after ${good!.step} steps. Lower the learning rate, or look at the batch.`;
      if (throws) throw new TrainError('DIVERGED', detail);
      run.stop('diverged', detail);
    },
  };
}
