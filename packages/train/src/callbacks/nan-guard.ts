import type { TrainingState } from '@mnist/engine';
import { flag, integer, number } from '@mnist/kit';
import { findNotFinite } from '../_find-not-finite.js';
import { check } from '../_options.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
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
 * Ends the training when the loss, or a state that it looks at, is no longer finite, and gives the model the last state that
 * is proven good: all of it is finite, and a later step found a finite loss for it.
 *
 * @throws TrainError DIVERGED when the training begins with weights that are not finite
 */
export function nanGuard(options: NanGuardOptions = {}): Callback {
  const { everySteps, maxLoss, throws } = check.complete(
    'nanGuard',
    options,
    { everySteps: 100, maxLoss: Number.MAX_VALUE, throws: false },
    { everySteps: integer({ min: 1 }), maxLoss: number({ above: 0 }), throws: flag },
  );
  let good: TrainingState | undefined;
  let unproven: TrainingState | undefined;
  const end = async (run: TrainingRun, what: string) => {
    await run.session.restore(good!);
    const detail = `${what}; the weights are those after ${good!.step} steps. Lower the learning rate, or look at the batch.`;
    if (throws) throw new TrainError('DIVERGED', detail);
    run.stop('diverged', detail);
  };
  return {
    name: 'nanGuard',
    reports: [],
    async trainBegin(run) {
      good = await run.session.state();
      unproven = undefined;
      const broken = findNotFinite(good);
      if (broken) {
        throw new TrainError(
          'DIVERGED',
          `The training would begin with numbers that are not finite (${broken}). Give the model other weights.`,
        );
      }
    },
    async stepEnd(run, { step, loss }) {
      if (!(Number.isFinite(loss) && loss <= maxLoss)) {
        return end(run, `The loss of step ${step} is ${loss}`);
      }
      if (unproven) [good, unproven] = [unproven, undefined];
      if (run.step % everySteps !== 0) return;
      unproven = await run.session.state();
      const broken = findNotFinite(unproven);
      if (broken) await end(run, `After step ${step} numbers are not finite (${broken})`);
    },
  };
}
