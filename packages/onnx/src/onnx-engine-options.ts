import { engineOptions } from '@mnist/engine';
import { callback, flag, integer, oneOf } from '@mnist/kit';
import { type LoweringName, loweringNames } from './lowering/lowering.js';
import { type Provider, providers } from './runtime/step-plan.js';

export interface OnnxEngineOptions {
  /** Execution provider of ONNX Runtime. Default 'cpu'. `availableProviders()` lists what the installed build has. */
  readonly provider?: Provider;
  /**
   * Threads of one training session. Default 1. Results depend on this number (sums are split differently), on nothing
   * else of the machine's load. Several nets side by side are fastest with one thread each.
   */
  readonly threads?: number;
  /**
   * How the graph is written. Default 'auto': on the processor 'blocked' where a start-up probe finds it right, on WebGPU
   * 'matmul', else 'portable'.
   */
  readonly lowering?: 'auto' | LoweringName;
  /** Runs sessions on worker threads, so that the event loop goes on during a step. Default true. */
  readonly worker?: boolean;
  /** Most images in one evaluation pass of `predict`. Default 100, on a GPU 1,000. */
  readonly predictBatchSize?: number;
  /**
   * Most training steps in one call of ONNX Runtime (`session.group`); the Trainer makes use of it. Default 50 on CUDA, where
   * the state would else cross the bus at each step, else 1; on WebGPU the state stays on the device anyway, and 1 is all there is.
   */
  readonly stepsPerCall?: number;
  /** Receives a sentence when the engine falls back to the portable lowering. Default: `process.emitWarning`. */
  readonly onNotice?: (message: string) => void;
}

export const engineDefaults = {
  provider: 'cpu',
  threads: 1,
  lowering: 'auto',
  worker: true,
} as const satisfies OnnxEngineOptions;

/** The options with the defaults filled in. */
export type EngineSettings = Required<OnnxEngineOptions>;

/** @throws EngineError INVALID_OPTION */
export function checkEngineOptions(options: OnnxEngineOptions): EngineSettings {
  const onNotice = (message: string) => process.emitWarning(message, { code: 'MNIST_ONNX_LOWERING' });
  const positive = integer({ min: 1 });
  const predictBatchSize = (options?.provider ?? 'cpu') === 'cpu' ? 100 : 1000;
  const stepsPerCall = options?.provider === 'cuda' ? 50 : 1;
  const defaults: EngineSettings = { ...engineDefaults, predictBatchSize, stepsPerCall, onNotice };
  return engineOptions.complete<EngineSettings>('onnxEngine', options, defaults, {
    provider: oneOf(...providers),
    lowering: oneOf('auto', ...loweringNames),
    threads: positive,
    predictBatchSize: positive,
    stepsPerCall: options?.provider === 'webgpu' ? integer({ min: 1, max: 1 }) : positive,
    worker: flag,
    onNotice: callback,
  });
}
