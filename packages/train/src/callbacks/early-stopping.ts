import type { TrainingState } from '@mnist/engine';
import { integer, number, oneOf } from '@mnist/kit';
import { check } from '../_options.js';
import { packState, unpackState } from '../_pack-state.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import type { Metric } from '../training-snapshot.js';
import type { Callback } from './callback.js';

export interface EarlyStoppingOptions {
  /** A reported metric. Default `validationAccuracy`. */
  readonly metric?: string;
  /** Whether larger or smaller is better. Default: `min` for names that end in `Loss`, else `max`. */
  readonly mode?: 'max' | 'min';
  /** Stop after so many measurements in a row without an improvement. Default 3. */
  readonly patience?: number;
  /** What counts as an improvement: better by more than this, in the metric's unit. Default 0. */
  readonly minDelta?: number;
  /** Give the model the best state when the training ends. Default true. */
  readonly restoreBest?: boolean;
}

/** Stops when a metric no longer improves. Put it behind the callback that reports the metric. */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  check.refuseUnknown('earlyStopping', options, ['metric', 'mode', 'patience', 'minDelta', 'restoreBest']);
  const { metric = 'validationAccuracy', patience = 3, minDelta = 0, restoreBest = true } = options;
  const mode = options.mode ?? (metric.endsWith('Loss') ? 'min' : 'max');
  check.require('earlyStopping', 'mode', mode, oneOf('max', 'min'));
  check.require('earlyStopping', 'patience', patience, integer({ min: 1 }));
  check.require('earlyStopping', 'minDelta', minDelta, number({ min: 0 }));
  const sign = mode === 'max' ? 1 : -1;

  let seen: Metric | undefined;
  let best: Metric | undefined;
  let bestState: TrainingState | undefined;
  let waited = 0;
  let restored = false;

  const stopIfDone = (run: TrainingRun) => {
    if (waited < patience) return;
    const than = best ? `improved over ${best.value} (step ${best.step})` : 'been a finite number';
    run.stop('earlyStopping', `${metric} has not ${than} in ${waited} measurements.`);
  };
  const look = async (run: TrainingRun) => {
    const latest = run.metrics.get(metric);
    if (!latest || (seen?.step === latest.step && Object.is(seen.value, latest.value))) return;
    seen = latest;
    const finite = Number.isFinite(latest.value);
    if (finite && (!best || sign * (latest.value - best.value) > minDelta)) {
      best = latest;
      waited = 0;
      if (restoreBest) bestState = await run.session.state();
    } else {
      waited++;
    }
    stopIfDone(run);
  };

  return {
    name: 'earlyStopping',
    trainBegin(run) {
      if (!restored) {
        [seen, best, bestState, waited] = [undefined, undefined, undefined, 0];
      }
      restored = false;
      stopIfDone(run);
    },
    stepEnd: look,
    epochEnd: look,
    async trainEnd(run, { reason }) {
      if (!seen && reason === 'completed') {
        throw new TrainError(
          'INVALID_OPTION',
          `earlyStopping never saw the metric '${metric}'; reported were: ${[...run.metrics.keys()].join(', ') || 'none'}. Put a callback that reports it earlier in the list.`,
        );
      }
      if (bestState && reason !== 'aborted' && reason !== 'left') await run.session.restore(bestState);
    },
    state: () => ({
      json: { seen, best, waited, bestStep: bestState?.step },
      tensors: bestState && packState(bestState),
    }),
    restore({ json, tensors }) {
      const saved = json as { seen?: Metric; best?: Metric; waited: number; bestStep?: number };
      ({ seen, best, waited } = saved);
      bestState = tensors && unpackState(saved.bestStep!, tensors);
      restored = true;
    },
  };
}
