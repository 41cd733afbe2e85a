import { integer, oneOf, required, seed as seedCheck, shuffle, stream } from '@mnist/kit';
import ndarray from 'ndarray';
import { Hand } from './_hand.js';
import { writeDigit } from './_write-digit.js';
import { catalogue } from './catalogue.js';
import { check } from './dataset-error.js';
import type { ImageDataset, Split } from './image-dataset.js';

export interface SyntheticDigitsOptions {
  /** Images to draw, 1 to 10,000,000 (784 bytes each). */
  readonly count: number;
  /** Decides all of them: a whole number from 0. */
  readonly seed: number;
  /** 'train' and 'test' of a seed share no image. Default 'train'. */
  readonly split?: Split;
}

/** Digits of the test split follow the train split's, further than any count reaches. */
const splitOffset: Readonly<Record<Split, number>> = { train: 0, test: 2 ** 32 };

/**
 * Draws handwriting-like digits, for tests and for machines without data: 28x28, uint8, ink in a box of at most 20x20
 * pixels with its centre of mass within about 1.5 pixels of the middle, as in MNIST. They vary in form (open and closed
 * fours, sevens with a bar, ...), stroke width, slant, proportions, size, place and care.
 *
 * Image i follows from (seed, split, i) alone, on any machine; more images only add to fewer. Any ten images from a
 * multiple of ten on hold each class once.
 *
 * They are NOT MNIST: results on them say nothing about MNIST. The set is labelled `synthetic`; keep the label.
 *
 * @throws DatasetError `INVALID_OPTION`
 */
export function syntheticDigits(options: SyntheticDigitsOptions): ImageDataset {
  const { count, seed, split } = check.complete<Required<SyntheticDigitsOptions>>(
    'syntheticDigits',
    options,
    { split: 'train' },
    {
      count: required(integer({ min: 1, max: 1e7 })),
      seed: required(seedCheck),
      split: oneOf('train', 'test'),
    },
  );
  const images = new Uint8Array(count * 784);
  const labels = new Uint8Array(count);
  const classes = new Uint32Array(10);
  for (let i = 0; i < count; i++) {
    const key = splitOffset[split] + i;
    if (i % 10 === 0) {
      for (let digit = 0; digit < 10; digit++) classes[digit] = digit;
      shuffle(classes, stream(seed, 'digit classes', key));
    }
    labels[i] = classes[i % 10]!;
    const hand = new Hand(stream(seed, 'digit', key));
    writeDigit(labels[i]!, hand, images.subarray(i * 784, (i + 1) * 784));
  }
  return {
    name: 'synthetic-digits',
    split,
    images: ndarray(images, [count, 28, 28]),
    labels: ndarray(labels, [count]),
    classNames: catalogue.mnist.classNames,
    synthetic: true,
    source: 'generated',
  };
}
