import type { TrainingState } from '@mnist/engine';
import { flag, integer, number } from '@mnist/kit';
import { check } from '../_options.js';
import { packState, unpackState } from '../_pack-state.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import type { Metric } from '../training-snapshot.js';
import { checkReported, watchedMetric } from './_watched-metric.js';
import type { Callback } from './callback.js';

export interface EarlyStoppingOptions {
  /** A reported metric. Default `validationAccuracy`. */
  readonly metric?: string;
  /** Whether larger or smaller is better. Default: `min` for names that end in loss, `max` for accuracy; others need it. */
  readonly mode?: 'max' | 'min';
  /** Stop after so many measurements in a row without an improvement. Default 3. */
  readonly patience?: number;
  /** What counts as an improvement: better by more than this, in the metric's unit. Default 0. */
  readonly minDelta?: number;
  /** Give the model the best state when the training ends. Default true. */
  readonly restoreBest?: boolean;
}

/**
 * Stops when a metric no longer improves. Put it behind the callback that reports the metric: what it sees was measured on the
 * weights that it may keep.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { patience, minDelta, restoreBest } = check.complete(
    'earlyStopping',
    options,
    { metric: undefined, mode: undefined, patience: 3, minDelta: 0, restoreBest: true },
    { patience: integer({ min: 1 }), minDelta: number({ min: 0 }), restoreBest: flag },
  );
  const { metric, mode } = watchedMetric('earlyStopping', options);
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
    if (latest.step !== run.step) {
      throw new TrainError(
        'INVALID_OPTION',
        `earlyStopping: the metric '${metric}' of step ${latest.step} came after it had looked, so it belongs to weights that are gone. Put the callback that reports it earlier in the list.`,
      );
    }
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
    reports: [],
    choosesFinalWeights: restoreBest,
    identity: { metric, mode, minDelta, restoreBest },
    trainBegin(run) {
      checkReported('earlyStopping', metric, 'earlyStopping', run);
      if (!restored) {
        // A metric from before a resume was measured on weights that are gone.
        [seen, best, bestState, waited] = [run.metrics.get(metric), undefined, undefined, 0];
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
      const metrics = [saved.seen, saved.best].every(
        (value) => value === undefined || (typeof value?.value === 'number' && Number.isInteger(value.step)),
      );
      if (!metrics || !Number.isInteger(saved.waited) || (tensors && !Number.isInteger(saved.bestStep))) {
        throw new Error('no state of earlyStopping');
      }
      ({ seen, best, waited } = saved);
      bestState = tensors && unpackState(saved.bestStep!, tensors);
      restored = true;
    },
  };
}
