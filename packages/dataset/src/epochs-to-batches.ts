import { flag, integer, number, required } from '@mnist/kit';
import { check } from './dataset-error.js';

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
 * @throws DatasetError `INVALID_OPTION`
 */
export function epochsToBatches(epochs: number, options: EpochOptions): number {
  const where = 'epochsToBatches';
  check.require(where, 'epochs', epochs, number({ min: 0 }));
  const { count, batchSize, dropLast } = check.complete<Required<EpochOptions>>(
    where,
    options,
    { dropLast: true },
    { count: required(integer({ min: 0 })), batchSize: required(integer({ min: 1 })), dropLast: flag },
  );
  return Math.round(epochs * (dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize)));
}
