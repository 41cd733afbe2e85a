/** Execution providers of ONNX Runtime that the engine knows how to ask for. */
export const providers = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;
export type Provider = (typeof providers)[number];

export interface SessionSettings {
  readonly provider: Provider;
  /** Threads of one session. */
  readonly threads: number;
}

/** Name of the graph output that carries the next value of an input. */
export const nextOf = (input: string): string => `next/${input}`;

/** Whether a training's vectors stay in device memory between steps: onnxruntime-node can bind WebGPU's buffers only. */
export const keepsStateOnDevice = ({ provider }: SessionSettings): boolean => provider === 'webgpu';

/** Name of the graph output that tells whether the parameters are numbers still: their sum. */
export const SUM_OUTPUT = 'sum';

/** A dropout layer's mask: a graph input that is drawn anew at each step. */
export interface DropoutMask {
  readonly input: string;
  readonly layer: string;
  readonly rate: number;
  readonly shape: readonly number[];
}

/** The compiled training step for one number of images. */
export interface StepGraph {
  /** ONNX model. */
  readonly model: Uint8Array;
  /** Whether it takes several steps in a call. */
  readonly repeated: boolean;
  readonly batchSize: number;
  readonly dropoutMasks: readonly DropoutMask[];
}

/** What a step runner needs to know; plain data, so that it can be sent to a worker thread. */
export interface StepPlan {
  /** For the most images in a step. */
  readonly training: StepGraph;
  /** Most steps in a call; above 1 only with a repeated graph. */
  readonly stepsPerCall: number;
  /** ONNX model of the evaluation pass. */
  readonly inference: Uint8Array;
  readonly settings: SessionSettings;
  /** Without the batch axis. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly parameterCount: number;
  readonly statisticCount: number;
  readonly slots: readonly string[];
  readonly scalars: readonly string[];
  readonly seed: number;
  /** Most images in one evaluation pass. */
  readonly predictBatchSize: number;
}

/** The flat vectors of a training, by name: `parameters`, `statistics` and the slots. */
export type TrainingVectors = Readonly<Record<string, Float32Array>>;

/** Runs the compiled graphs. One call at a time. */
export interface StepRunner {
  /** Input buffers of the next steps: [stepsPerCall, batch, ...image], [stepsPerCall, batch, classes]. */
  readonly images: Float32Array;
  readonly targets: Float32Array;
  /** Makes steps on `graph.batchSize` images possible, in place of the number that was prepared before. */
  prepare(graph: StepGraph): Promise<void>;
  /**
   * Runs steps on the start of the input buffers. Returns their losses.
   * @param count images in each: the plan's batch size, or, for one step, the number that was prepared last
   * @param step number of the first step, from 1
   * @param scalars for each step
   */
  steps(count: number, step: number, scalars: readonly (readonly number[])[]): Promise<number[]>;
  /** Brings back the vectors before the last call of `steps`; not where they stay on the device. */
  rewind(): Promise<void>;
  /** @param images [count, ...image]; returns logits [count, classes] */
  predict(images: Float32Array, onProgress?: (done: number) => void): Promise<Float32Array>;
  /** Copies. */
  read(): Promise<TrainingVectors>;
  write(vectors: TrainingVectors): Promise<void>;
  dispose(): Promise<void>;
}

/** Name and length of each state vector. */
export function vectorSizes(plan: StepPlan): [string, number][] {
  const sizes: [string, number][] = [['parameters', plan.parameterCount]];
  if (plan.statisticCount > 0) sizes.push(['statistics', plan.statisticCount]);
  for (const slot of plan.slots) sizes.push([slot, plan.parameterCount]);
  return sizes;
}
