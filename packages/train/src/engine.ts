import type { Batch } from '@mnist/dataset';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { NdArray } from 'ndarray';

/**
 * What every engine minimises: the mean over the batch of the softmax cross-entropy (with smoothing s, the target is
 * 1 - s + s / classes for the label and s / classes elsewhere), or the mean over batch and classes of the squared difference
 * between the outputs and the one-hot label.
 */
export type Loss =
  | { readonly kind: 'softmaxCrossEntropy' /** 0 (default) to 1 */; readonly labelSmoothing?: number }
  | { readonly kind: 'meanSquaredError' };

/** The update rule. `momentum` (Adam's beta1), the learning rate and the weight decay arrive with each step. */
export type Optimizer =
  | {
      readonly kind: 'adam' /** default 0.99 */;
      readonly beta2?: number /** default 1e-8 */;
      readonly epsilon?: number;
    }
  | { readonly kind: 'sgd' /** default false */; readonly nesterov?: boolean };

/** What is fixed for the whole life of a training session. */
export interface StepOptions {
  /** Images in every training batch. */
  readonly batchSize: number;
  /** Default: softmax cross-entropy without label smoothing. The model's last layer must give logits for it. */
  readonly loss?: Loss;
  /** Default: Adam with beta2 0.99 and epsilon 1e-8. */
  readonly optimizer?: Optimizer;
  /** Seeds dropout masks. Default 0. */
  readonly seed?: number;
}

/** What may change from step to step. */
export interface Hyperparameters {
  readonly learningRate: number;
  /** Adam's beta1, or the momentum of SGD; 0 <= momentum < 1. */
  readonly momentum: number;
  /** Decoupled: parameters are multiplied by (1 - learningRate * weightDecay) before the update. */
  readonly weightDecay: number;
}

/** A float32 tensor with the `originalName` and the shape that the LayersModel gives it (HWIO kernels, [in, out] dense). */
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

/** float32, [size, classes], before the softmax. */
export type Logits = NdArray<Float32Array>;

/**
 * Runs training steps. The semantics are PyTorch's: batch normalisation moves its running variance towards the
 * unbiased batch variance, ties in max pooling go to the first element of the window, Adam divides by
 * `sqrt(vHat) + epsilon` with both bias corrections.
 */
export interface Engine {
  /** `tfjs:cpu`, `onnx:cpu`, ... */
  readonly name: string;
  /** Reads the model's weights; leaves the model alone until `writeBack`. */
  open(model: LayersModel, options: StepOptions): Promise<TrainingSession>;
}

export interface TrainingSession {
  /**
   * One forward pass, backward pass and update. Returns the mean loss of the batch before the update; it may be NaN.
   * Refuses, with a typed error and nothing changed, another batch size or image shape, a label outside the classes, and a
   * hyperparameter out of range.
   */
  step(batch: Pick<Batch, 'images' | 'labels'>, hyper: Hyperparameters): Promise<{ loss: number }>;
  /** Evaluation mode (running statistics, no dropout). `images`: float32 NHWC, any number of them, strided or not. */
  predict(images: NdArray<Float32Array>): Promise<Logits>;
  /** A copy; later steps do not change it. */
  state(): Promise<TrainingState>;
  /** Takes a state whose shapes and slots fit; tensors are matched by position, their names may differ. */
  restore(state: TrainingState): Promise<void>;
  /** Copies parameters and running statistics into the LayersModel that was opened. */
  writeBack(): Promise<void>;
  /** Frees native memory and threads. Safe to call twice. */
  dispose(): Promise<void>;
}
