import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Hyperparameters } from './engine.js';
import type { FullLoss, FullOptimizer } from './step-defaults.js';

export interface TensorInfo {
  /** The same in every process; see `NamedTensor`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly size: number;
}

/** A checked training, ready for an engine to compile. */
export interface SessionPlan {
  readonly model: LayersModel;
  /** Most images in a step. */
  readonly batchSize: number;
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
  readonly loss: FullLoss;
  readonly optimizer: FullOptimizer;
  readonly seed: number;
  /** In the order of `model.trainableWeights`. */
  readonly parameters: readonly TensorInfo[];
  /** In the order of `model.nonTrainableWeights`. */
  readonly statistics: readonly TensorInfo[];
  /** Names of the optimiser's slots: 'm' and 'v', or 'velocity'. */
  readonly slots: readonly string[];
}

/** The values of a training, in the order of the plan. */
export interface TrainingValues {
  readonly parameters: readonly Float32Array[];
  readonly statistics: readonly Float32Array[];
  readonly slots: Readonly<Record<string, readonly Float32Array[]>>;
}

/**
 * What an engine supplies: arithmetic on data that has been checked. `openSession` makes a TrainingSession of it: one call
 * at a time, nothing after `dispose`.
 */
export interface Computation {
  /** What tells its results apart beyond the engine's name: 'native:cpu f32 avx2'. Default: the engine's name. */
  readonly computedBy?: string;
  /** Input of the next step: [batchSize, ...imageShape] and [batchSize, classes], row-major, filled from the start. */
  readonly images: Float32Array;
  /** Label smoothing is already in them. */
  readonly targets: Float32Array;
  /**
   * @param count images in this step, 1 to batchSize
   * @param step number of this step, from 1
   * @returns the mean loss before the update
   */
  step(count: number, hyper: Hyperparameters, step: number): Promise<number>;
  /** @param images [count, ...imageShape], row-major @returns logits [count, classes] */
  predict(images: Float32Array, count: number, onProgress?: (done: number) => void): Promise<Float32Array>;
  /** Copies. */
  read(): Promise<TrainingValues>;
  write(values: TrainingValues): Promise<void>;
  dispose(): Promise<void>;
  /** Present where one call for several steps is faster than a call for each. */
  readonly group?: GroupComputation;
}

/** Steps in groups. `images` and `targets` then hold `size` batches of `batchSize`, one after the other. */
export interface GroupComputation {
  /** Most steps in a group. */
  readonly size: number;
  /**
   * @param hypers for each step, on a full batch
   * @param step number of the first step, from 1
   * @returns their losses, each before its update
   */
  steps(hypers: readonly Hyperparameters[], step: number): Promise<number[]>;
  /** Brings back the values before the last group; nothing else was called since. The batches are still in place. */
  rewind(): Promise<void>;
}
