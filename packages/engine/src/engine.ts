import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { NdArray } from 'ndarray';

/**
 * What every engine minimises: the mean over the batch of the softmax cross-entropy (with smoothing s, a target t becomes
 * (1 - s) t + s / classes), or the mean over batch and classes of the squared difference between outputs and targets.
 */
export type Loss =
  | { readonly kind: 'softmaxCrossEntropy' /** 0 (default) to 1 */; readonly labelSmoothing?: number }
  | { readonly kind: 'meanSquaredError' };

/** The update rule. `momentum` (Adam's beta1), the learning rate and the weight decay arrive with each step. */
export type Optimizer =
  | {
      readonly kind: 'adam' /** 0 <= beta2 < 1, default 0.99 */;
      readonly beta2?: number /** above 0, default 1e-8 */;
      readonly epsilon?: number;
    }
  | { readonly kind: 'sgd' /** default false */; readonly nesterov?: boolean };

/** What is fixed for the whole life of a training session. */
export interface StepOptions {
  /** Most images in a training batch. A step may take fewer: the incomplete last batch of an epoch. */
  readonly batchSize: number;
  /** Default: softmax cross-entropy without label smoothing. The model's last layer must give logits for it. */
  readonly loss?: Loss;
  /** Default: Adam with beta2 0.99 and epsilon 1e-8. */
  readonly optimizer?: Optimizer;
  /** Seeds dropout masks; any whole number from 0. Default 0. */
  readonly seed?: number;
  /**
   * Closes the session: pending and later calls reject with `SESSION_CLOSED`, whose cause is the signal's reason. A
   * computation under way is waited for before its memory is freed.
   */
  readonly signal?: AbortSignal;
}

/** What may change from step to step. */
export interface Hyperparameters {
  /** At least 0. */
  readonly learningRate: number;
  /** Adam's beta1, or the momentum of SGD; 0 <= momentum < 1. */
  readonly momentum: number;
  /** At least 0. Decoupled: parameters are multiplied by (1 - learningRate * weightDecay) before the update. */
  readonly weightDecay: number;
}

/** float32 NHWC images with, for each, the number of its class or a probability of every class. */
export type TrainingBatch = {
  /** [count, height, width, channels], strided or not. */
  readonly images: NdArray<Float32Array>;
} & (
  | { /** [count], 0 to classes - 1. */ readonly labels: NdArray<Uint8Array>; readonly targets?: undefined }
  | {
      /** [count, classes]; each row is a distribution (distillation, mixed labels). */
      readonly targets: NdArray<Float32Array>;
      readonly labels?: unknown;
    }
);

/**
 * A float32 tensor under the name and shape that the LayersModel gives it (HWIO kernels, [in, out] dense). The name depends
 * on the model alone, not on what was built before it in the process.
 */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Enough for an exact resume. Engine-neutral: a state saved by one engine opens in another. */
export interface TrainingState {
  /** Steps taken so far. */
  readonly step: number;
  /** Trainable weights, in the order of `model.trainableWeights`. */
  readonly parameters: readonly NamedTensor[];
  /** Optimiser slots, one list a slot, parallel to `parameters`: Adam has `m` and `v`, SGD `velocity`. */
  readonly slots: Readonly<Record<string, readonly NamedTensor[]>>;
  /** Running means and variances of batch normalisation, in the order of `model.nonTrainableWeights`. */
  readonly statistics: readonly NamedTensor[];
}

/** float32, [count, classes], before the softmax. */
export type Logits = NdArray<Float32Array>;

/**
 * Runs training steps. The semantics are PyTorch's: batch normalisation moves its running variance towards the
 * unbiased batch variance, ties in max pooling go to the first element of the window, a clipped ReLU has no gradient at its
 * bounds, Adam divides by `sqrt(vHat) + epsilon` with both bias corrections.
 */
export interface Engine {
  /** `native:cpu`, `onnx:cpu`, `tfjs:tensorflow`, ... */
  readonly name: string;
  /**
   * Reads the model's weights; leaves the model alone until `writeBack`.
   * @throws EngineError `INVALID_OPTION`, `UNSUPPORTED_MODEL`, `UNSUPPORTED_LAYER`, `ENGINE_UNAVAILABLE`
   */
  open(model: LayersModel, options: StepOptions): Promise<TrainingSession>;
}

/** Several steps in one call, with the results of as many calls of `step`. */
export interface StepGroup {
  /** Most steps in a group. */
  readonly size: number;
  /**
   * Steps on full batches, 1 to `size` of them. The batches may be overwritten as soon as the call returns.
   * @throws EngineError as `step`; nothing has changed then
   */
  steps(steps: readonly GroupedStep[]): Promise<{ loss: number }[]>;
  /**
   * Takes back the last group's steps but the first `count`, for who looked further ahead than it went. To be called before
   * anything else is.
   * @throws EngineError `NOTHING_TO_TAKE_BACK`
   */
  keep(count: number): Promise<void>;
}

export interface GroupedStep {
  readonly batch: TrainingBatch;
  readonly hyper: Hyperparameters;
}

/** Calls are taken in turn, in their order; one that is refused changes nothing. */
export interface TrainingSession {
  /** The engine, and what tells its results apart: 'native:cpu f32 avx2'. Recorded with checkpoints and results. */
  readonly computedBy: string;
  /**
   * One forward pass, backward pass and update on 1 to `batchSize` images. Returns the mean loss of the batch before the
   * update; it may be NaN.
   * @throws EngineError `INVALID_BATCH`, `INVALID_HYPERPARAMETER`, `SESSION_CLOSED`, `SESSION_FAILED`
   */
  step(batch: TrainingBatch, hyper: Hyperparameters): Promise<{ loss: number }>;
  /** Present where steps in groups are faster than one by one: on a GPU whose state would cross the bus at each step. */
  readonly group?: StepGroup;
  /** Evaluation mode (running statistics, no dropout). `images`: float32 NHWC, any number of them, strided or not. */
  predict(
    images: NdArray<Float32Array>,
    /** Called as the images are done. */
    onProgress?: (done: number, total: number) => void,
  ): Promise<Logits>;
  /** A copy; later steps do not change it. */
  state(): Promise<TrainingState>;
  /** Takes a state whose shapes and slots fit; tensors are matched by position, their names may differ. */
  restore(state: TrainingState): Promise<void>;
  /** Copies parameters and running statistics into the LayersModel that was opened. */
  writeBack(): Promise<void>;
  /** Waits for the computation under way, then frees native memory and threads. Safe to call twice. */
  dispose(): Promise<void>;
}
