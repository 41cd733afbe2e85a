import { refuseUnknown, requireInteger } from './_options.js';
import { randomStream, shuffle as shuffleInPlace } from './_random.js';
import type { BatchPlan } from './batch.js';
import { DatasetError } from './dataset-error.js';
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

export const planOptionNames = ['batchSize', 'epochs', 'batches', 'shuffle', 'seed', 'dropLast'] as const;

/**
 * Plans the batches of a training. The order of epoch e follows from (seed, e) alone, so batch k is the same whether
 * the stream was entered at 0 or at k.
 *
 * @param dataset anything with a number of images
 * @throws DatasetError `BAD_OPTION`
 */
export function planBatches(
  dataset: { readonly count: number } | { readonly labels: { readonly shape: readonly number[] } },
  options: PlanOptions,
): BatchPlans {
  refuseUnknown('planBatches', options, planOptionNames);
  const count = 'count' in dataset ? dataset.count : dataset.labels.shape[0]!;
  requireInteger('planBatches', 'the number of images', count, 1, 0xffff_ffff);
  const batchSize = requireInteger('planBatches', 'batchSize', options.batchSize, 1);
  const {
    shuffle = planDefaults.shuffle,
    seed = planDefaults.seed,
    dropLast = planDefaults.dropLast,
  } = options;
  requireInteger('planBatches', 'seed', seed, 0, 0xffff_ffff);
  if (options.epochs !== undefined && options.batches !== undefined) {
    throw new DatasetError(
      'BAD_OPTION',
      `planBatches: both epochs (${options.epochs}) and batches (${options.batches}) are given; give one of them.`,
    );
  }
  const batchesPerEpoch = epochsToBatches(1, { count, batchSize, dropLast });
  if (batchesPerEpoch === 0) {
    throw new DatasetError(
      'BAD_OPTION',
      `planBatches: a batch of ${batchSize} cannot be filled from ${count} images. Take a smaller batchSize, or dropLast: false.`,
    );
  }
  const totalBatches =
    options.batches === undefined
      ? epochsToBatches(options.epochs ?? planDefaults.epochs, { count, batchSize, dropLast })
      : requireInteger('planBatches', 'batches', options.batches, 0);

  const orderOf = (epoch: number): Uint32Array => {
    const order = new Uint32Array(count);
    for (let index = 0; index < count; index++) order[index] = index;
    if (shuffle) shuffleInPlace(order, randomStream(seed, 'shuffle', epoch));
    return order;
  };

  return {
    batchSize,
    batchesPerEpoch,
    totalBatches,
    seed,
    *iterate(start = 0) {
      requireInteger('iterate', 'start', start, 0);
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
