import {
  flag,
  integer,
  number,
  required,
  seed as seedCheck,
  shuffle as shuffleInPlace,
  stream,
} from '@mnist/kit';
import type { BatchPlan } from './batch.js';
import { check, DatasetError } from './dataset-error.js';
import { epochsToBatches } from './epochs-to-batches.js';

export interface PlanOptions {
  /** Images in a batch, at least 1. */
  readonly batchSize: number;
  /** How often the whole set is seen; may be a fraction. Give this or `batches`. Default 1. */
  readonly epochs?: number;
  /** How many batches in all. Give this or `epochs`. */
  readonly batches?: number;
  /** A new order every epoch. Default true. */
  readonly shuffle?: boolean;
  /** Decides the orders. Default 0. */
  readonly seed?: number;
  /** Leave out the last, smaller batch of every epoch. Default true, as in the original; false for evaluation. */
  readonly dropLast?: boolean;
}

/** Which images make up which batch. Cheap, plain, and can be entered at any step. */
export interface BatchPlans {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  readonly totalBatches: number;
  readonly seed: number;
  /** Plans `start` ... `totalBatches - 1`. The index arrays are views of one order an epoch: do not write to them. */
  iterate(start?: number): Iterable<BatchPlan>;
}

export const planDefaults = {
  epochs: 1,
  shuffle: true,
  seed: 0,
  dropLast: true,
} as const satisfies Partial<PlanOptions>;

const checks = {
  batchSize: required(integer({ min: 1 })),
  epochs: number({ min: 0 }),
  batches: integer({ min: 0 }),
  shuffle: flag,
  seed: seedCheck,
  dropLast: flag,
};

export const planOptionNames = Object.keys(checks);

/**
 * Plans the batches of a training. The order of epoch e follows from (seed, e) alone, so batch k is the same whether
 * the stream was entered at 0 or at k.
 *
 * @param dataset anything with a number of images
 * @throws DatasetError `INVALID_OPTION`
 */
export function planBatches(
  dataset: { readonly count: number } | { readonly labels: { readonly shape: readonly number[] } },
  options: PlanOptions,
): BatchPlans {
  const where = 'planBatches';
  const count = 'count' in dataset ? dataset.count : dataset.labels.shape[0]!;
  check.require(where, 'the number of images', count, integer({ min: 1, max: 0xffff_ffff }));
  const { epochs, ...defaults } = planDefaults;
  const complete = check.complete<Omit<Required<PlanOptions>, 'epochs' | 'batches'>>(
    where,
    options,
    defaults,
    checks,
  );
  const { batchSize, shuffle, seed, dropLast } = complete;
  if (options.epochs !== undefined && options.batches !== undefined) {
    throw new DatasetError(
      'INVALID_OPTION',
      `planBatches: both epochs (${options.epochs}) and batches (${options.batches}) are given; give one of them.`,
    );
  }
  const batchesPerEpoch = epochsToBatches(1, { count, batchSize, dropLast });
  if (batchesPerEpoch === 0) {
    throw new DatasetError(
      'INVALID_OPTION',
      `planBatches: a batch of ${batchSize} cannot be filled from ${count} images. Take a smaller batchSize, or dropLast: false.`,
    );
  }
  const totalBatches =
    options.batches === undefined
      ? epochsToBatches(options.epochs ?? epochs, { count, batchSize, dropLast })
      : options.batches;

  const orderOf = (epoch: number): Uint32Array => {
    const order = new Uint32Array(count);
    for (let index = 0; index < count; index++) order[index] = index;
    if (shuffle) shuffleInPlace(order, stream(seed, 'shuffle', epoch));
    return order;
  };

  return {
    batchSize,
    batchesPerEpoch,
    totalBatches,
    seed,
    *iterate(start = 0) {
      check.require('iterate', 'start', start, integer({ min: 0 }));
      let order: Uint32Array | undefined;
      for (let step = start; step < totalBatches; step++) {
        const epoch = Math.floor(step / batchesPerEpoch);
        const within = step % batchesPerEpoch;
        if (order === undefined || within === 0) order = orderOf(epoch);
        yield {
          indices: order.subarray(within * batchSize, Math.min(count, (within + 1) * batchSize)),
          step,
          epoch,
        };
      }
    },
  };
}
