import { integer, required, seed as seedCheck, shuffle, stream } from '@mnist/kit';
import { check } from './dataset-error.js';
import type { ImageDataset } from './image-dataset.js';
import { subset } from './subset.js';

export interface SplitOptions {
  /** Images to hold out, from 1 to the number of images minus 1. */
  readonly heldOut: number;
  /** Decides which. Default 0. */
  readonly seed?: number;
}

/**
 * Holds some images out, to choose hyperparameters without a look at the test images. Stratified: every class gives
 * its share, up to one image (largest remainders). Both parts keep the order of the set.
 *
 * @throws DatasetError `INVALID_OPTION`
 */
export function splitHeldOut(
  dataset: ImageDataset,
  options: SplitOptions,
): { train: ImageDataset; heldOut: ImageDataset } {
  const count = dataset.images.shape[0]!;
  const { heldOut: wanted, seed } = check.complete<Required<SplitOptions>>(
    'splitHeldOut',
    options,
    { seed: 0 },
    { heldOut: required(integer({ min: 1, max: count - 1 })), seed: seedCheck },
  );

  const members = new Map<number, number[]>();
  for (let index = 0; index < count; index++) {
    const label = dataset.labels.get(index);
    const list = members.get(label);
    if (list) list.push(index);
    else members.set(label, [index]);
  }
  const classes = [...members].sort(([a], [b]) => a - b);
  const shares = classes.map(([label, list]) => {
    const exact = (wanted * list.length) / count;
    return { label, list, take: Math.floor(exact), remainder: exact - Math.floor(exact) };
  });
  let open = wanted - shares.reduce((sum, { take }) => sum + take, 0);
  for (const share of [...shares].sort((a, b) => b.remainder - a.remainder || a.label - b.label)) {
    if (open === 0) break;
    share.take++;
    open--;
  }
  const held = new Uint8Array(count);
  for (const { label, list, take } of shares) {
    const order = Uint32Array.from(list);
    shuffle(order, stream(seed, 'split', label));
    for (const index of order.subarray(0, take)) held[index] = 1;
  }
  const pick = (flag: number) =>
    Array.from({ length: count }, (_, index) => index).filter((index) => held[index] === flag);
  return { train: subset(dataset, pick(0)), heldOut: subset(dataset, pick(1)) };
}
