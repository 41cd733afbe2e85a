import { oneOf, text } from '@mnist/kit';
import { check } from '../_options.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';

/** A metric that decides something, and which way is better. */
export interface WatchedMetric {
  readonly metric: string;
  readonly mode: 'max' | 'min';
}

/**
 * Losses are better when smaller, accuracies when larger; of any other name nobody can tell.
 *
 * @param where the function whose options these are
 * @throws TrainError INVALID_OPTION
 */
export function watchedMetric(
  where: string,
  { metric = 'validationAccuracy', mode }: { readonly metric?: string; readonly mode?: 'max' | 'min' },
): WatchedMetric {
  check.require(where, 'metric', metric, text);
  if (mode !== undefined) {
    return { metric, mode: check.require(where, 'mode', mode, oneOf('max', 'min')) };
  }
  if (/loss$/i.test(metric)) return { metric, mode: 'min' };
  if (/accuracy$/i.test(metric)) return { metric, mode: 'max' };
  throw new TrainError(
    'INVALID_OPTION',
    `${where}: whether a larger '${metric}' is better cannot be told from its name. Pass mode: 'max' or mode: 'min'.`,
  );
}

/**
 * Throws when nobody can report the metric in time. Callbacks that do not say what they report may report anything, so a
 * wrong name beside one of them is found only when the training ends.
 *
 * @param self the callback that watches; those that run before it count
 */
export function checkReported(where: string, metric: string, self: string, run: TrainingRun): void {
  const own = run.callbacks.findIndex(({ name }) => name === self);
  const reporting = (from: number, to?: number) =>
    run.callbacks.slice(from, to).flatMap(({ reports }) => reports ?? []);
  const silent = run.callbacks.slice(0, own).some(({ reports }) => reports === undefined);
  const before = reporting(0, own);
  if (silent || before.includes(metric)) return;
  const remedy = reporting(own + 1).includes(metric)
    ? `The callback that reports it stands behind '${self}': put it before.`
    : `Reported are: ${before.join(', ') || 'none'}. Name one of them, or put a callback that reports it earlier in the list.`;
  throw new TrainError('INVALID_OPTION', `${where}: nobody reports the metric '${metric}'. ${remedy}`);
}
