import type { BatchSource } from '@mnist/dataset';
import type { Engine, Loss, Optimizer } from '@mnist/engine';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Callback } from './callbacks/callback.js';
import type { ScheduledValue } from './schedules/schedule.js';

/** The defaults of `Trainer`. */
export const trainerDefaults = {
  momentum: 0.9,
  weightDecay: 0,
} as const satisfies Partial<TrainerOptions>;

export interface TrainerOptions {
  /** Trained in place: it holds the final weights when the training ends. */
  readonly model: LayersModel;
  /** `tfjsEngine()`, or `onnxEngine()` of `@mnist/onnx`. */
  readonly engine: Engine;
  /** The batches of the whole training, all epochs: `batches(...)` of `@mnist/dataset`, or a loader of `@mnist/augment`. */
  readonly data: BatchSource;
  /** Per step; at least 0. */
  readonly learningRate: ScheduledValue;
  /** Adam's beta1, or the momentum of SGD; 0 <= momentum < 1. Default 0.9. */
  readonly momentum?: ScheduledValue;
  /** Decoupled: parameters times `1 - learningRate * weightDecay` in each step. Default 0. */
  readonly weightDecay?: ScheduledValue;
  /** Default: softmax cross-entropy without label smoothing. */
  readonly loss?: Loss;
  /** Default: Adam, beta2 0.99, epsilon 1e-8. */
  readonly optimizer?: Optimizer;
  /** Default none. Their order matters: see `Callback`. */
  readonly callbacks?: readonly Callback[];
  /** Seeds dropout. The order of the data is seeded by its BatchSource. Default 0. */
  readonly seed?: number;
  /** Milliseconds of a monotonic clock. Default `performance.now`. */
  readonly now?: () => number;
}

export interface TrainOptions {
  /** Ends the training after the step in progress; weights are kept and callbacks finish. */
  readonly signal?: AbortSignal;
}
