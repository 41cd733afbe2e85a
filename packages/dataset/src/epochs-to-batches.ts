import { refuseUnknown, requireInteger } from './_options.js';
import { DatasetError } from './dataset-error.js';

export interface EpochOptions {
  /** Images in the set. */
  readonly count: number;
  readonly batchSize: number;
  /** Default true. */
  readonly dropLast?: boolean;
}

/**
 * Number of batches in so many epochs; a fraction of an epoch is rounded to whole batches.
 *
 * @throws DatasetError `BAD_OPTION`
 */
export function epochsToBatches(epochs: number, options: EpochOptions): number {
  refuseUnknown('epochsToBatches', options, ['count', 'batchSize', 'dropLast']);
  const count = requireInteger('epochsToBatches', 'count', options.count, 0);
  const batchSize = requireInteger('epochsToBatches', 'batchSize', options.batchSize, 1);
  if (!Number.isFinite(epochs) || epochs < 0) {
    throw new DatasetError(
      'BAD_OPTION',
      `epochsToBatches: epochs is ${epochs}; expected a finite number of at least 0.`,
    );
  }
  const { dropLast = true } = options;
  const perEpoch = dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
  return Math.round(epochs * perEpoch);
}
