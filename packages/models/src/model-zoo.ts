import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type CommitteeNetOptions, committeeNet, compactNet } from './committee-net.js';
import { deotteNet } from './deotte-net.js';
import { lenet5 } from './lenet5.js';
import { check } from './model-error.js';
import { type NetOptions, netDefaults } from './net-options.js';
import { simpleCnn } from './simple-cnn.js';

/** One net of the zoo. */
export interface ZooEntry<Options extends NetOptions = NetOptions> {
  build(options?: Options): LayersModel;
  /** Trainable parameters with default options. */
  readonly parameters: number;
  /** One sentence. */
  readonly description: string;
  /** Where it was published. */
  readonly paper: string;
}

const committee = "T. Doucet 2019, 'MNIST 99.82 %'";
const simple =
  "An, Lee, Park, Yang, So 2020, 'An Ensemble of Simple Convolutional Neural Network Models for MNIST Digit Recognition', arXiv:2008.10400";

/** A zoo entry's kernel is part of its name, so that `kernel` is no option of its. */
function simpleWith(kernel: 3 | 5 | 7): (options?: NetOptions) => LayersModel {
  return (options) =>
    simpleCnn({
      ...check.complete<Required<NetOptions>>(`simple-${kernel}`, options, netDefaults),
      kernel,
    });
}

/** Every net of this package by the name that a command line or a saved configuration uses. */
export const modelZoo = {
  committee: {
    build: committeeNet,
    parameters: 4_732_682,
    description: 'Three stages of residual blocks, 128/256/512 channels: the net of the 99.82 % committee.',
    paper: committee,
  } satisfies ZooEntry<CommitteeNetOptions>,
  compact: {
    build: compactNet,
    parameters: 298_442,
    description: 'The committee net with 32/64/128 channels: a sixteenth of the arithmetic, made for CPUs.',
    paper: committee,
  } satisfies ZooEntry<CommitteeNetOptions>,
  lenet5: {
    build: lenet5,
    parameters: 61_706,
    description: 'Two convolutions, average pooling, three dense layers, tanh: the classic.',
    paper: "LeCun, Bottou, Bengio, Haffner 1998, 'Gradient-based learning applied to document recognition'",
  } satisfies ZooEntry,
  deotte: {
    build: deotteNet,
    parameters: 326_410,
    description:
      'Seven convolutions, strides in place of pooling, dropout: 99.757 % on Kaggle as 15 that vote.',
    paper: "C. Deotte 2018, '25 Million Images! [0.99757] MNIST', Kaggle",
  } satisfies ZooEntry,
  'simple-3': {
    build: simpleWith(3),
    parameters: 1_124_180,
    description: 'M3: ten unpadded 3x3 convolutions without pooling.',
    paper: simple,
  } satisfies ZooEntry,
  'simple-5': {
    build: simpleWith(5),
    parameters: 1_128_180,
    description: 'M5: five unpadded 5x5 convolutions without pooling.',
    paper: simple,
  } satisfies ZooEntry,
  'simple-7': {
    build: simpleWith(7),
    parameters: 2_291_972,
    description: 'M7: four unpadded 7x7 convolutions without pooling.',
    paper: simple,
  } satisfies ZooEntry,
} as const;

export type ModelName = keyof typeof modelZoo;
