import { type ImageDataset, subset } from '@mnist/dataset';
import { UsageError } from '../ui/errors.js';
import type { MemberConfig } from './config.js';

/** The block that a net of a population is tested on, by the rule of `HoldOut`. */
export function blockOf(net: number, blocks: number): number {
  return Math.floor(net / 2) % blocks;
}

/** What a net trains on and is tested on: a block of the training images takes the place of the test images where the config says so. */
export function holdOutOf(
  { holdOut }: Pick<MemberConfig, 'holdOut'>,
  net: number,
  data: { readonly train: ImageDataset; readonly test: ImageDataset },
): { readonly train: ImageDataset; readonly test: ImageDataset } {
  if (holdOut === undefined) return data;
  const count = data.train.labels.shape[0]!;
  const { blocks } = holdOut;
  if (!(Number.isInteger(blocks) && blocks >= 2 && blocks <= count)) {
    throw new UsageError(
      `holdOut.blocks is ${blocks}, expected a whole number from 2 to the ${count} training images.`,
    );
  }
  const block = blockOf(net, blocks);
  const start = Math.floor((block * count) / blocks);
  const end = Math.floor(((block + 1) * count) / blocks);
  const rest: number[] = [];
  for (let image = 0; image < count; image++) if (image < start || image >= end) rest.push(image);
  return { train: subset(data.train, rest), test: subset(data.train, { start, end }) };
}
