import type { DropoutMask } from '../compile-training.js';

/** Execution providers of ONNX Runtime that the engine knows how to ask for. */
export type Provider = 'cpu' | 'cuda' | 'webgpu' | 'dml' | 'coreml';

export interface SessionSettings {
  readonly provider: Provider;
  /** Threads of one session. */
  readonly threads: number;
}

/** What a step runner needs to know; plain data, so that it can be sent to a worker thread. */
export interface StepPlan {
  /** ONNX model of the training step. */
  readonly training: Uint8Array;
  /** ONNX model of the evaluation pass. */
  readonly inference: Uint8Array;
  readonly settings: SessionSettings;
  readonly batchSize: number;
  /** Without the batch axis. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly parameterCount: number;
  readonly statisticCount: number;
  readonly slots: readonly string[];
  readonly scalars: readonly string[];
  readonly dropoutMasks: readonly DropoutMask[];
  readonly seed: number;
  /** Most images in one evaluation pass. */
  readonly predictBatchSize: number;
  /** Vector that predictions use: `parameters`, or the slot of the averaged ones. */
  readonly predictWith: string;
}

/** The flat vectors of a training, by name: `parameters`, `statistics` and the slots. */
export type TrainingVectors = Readonly<Record<string, Float32Array>>;

/** Runs the compiled graphs. One call at a time. */
export interface StepRunner {
  /** Input buffers of the next step: [batch, ...image], [batch, classes]. */
  readonly images: Float32Array;
  readonly targets: Float32Array;
  /** Runs a step on the input buffers. @param step number of steps taken before, from 0 */
  step(step: number, scalars: readonly number[]): Promise<number>;
  /** @param images [count, ...image]; returns logits [count, classes] */
  predict(images: Float32Array, onProgress?: (done: number) => void): Promise<Float32Array>;
  /** Copies. */
  read(): Promise<TrainingVectors>;
  write(vectors: TrainingVectors): Promise<void>;
  dispose(): Promise<void>;
}
