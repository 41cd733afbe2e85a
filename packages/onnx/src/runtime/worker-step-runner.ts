import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { OnnxEngineError, type OnnxErrorCode } from '../errors.js';
import { sizeOf } from '../network/network.js';
import type { StepPlan, StepRunner, TrainingVectors } from './step-plan.js';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker-protocol.js';

/** Stands beside this module in the built package. */
const WORKER_FILE = './session-worker.js';

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  onProgress?: (done: number) => void;
}

/**
 * Runs the graphs on a worker thread, so that the calling thread's event loop goes on during a step.
 * The worker keeps the process alive only while it works.
 */
export class WorkerStepRunner implements StepRunner {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly #worker: Worker;
  #pending: Pending | undefined;
  #ended: Error | undefined;

  static async create(plan: StepPlan, signal?: AbortSignal): Promise<WorkerStepRunner> {
    const runner = new WorkerStepRunner(plan, signal);
    await runner.#wait();
    return runner;
  }

  private constructor(plan: StepPlan, signal?: AbortSignal) {
    const floats = (count: number) => new SharedArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT);
    const start: WorkerStart = {
      plan,
      images: floats(plan.batchSize * sizeOf(plan.inputShape)),
      targets: floats(plan.batchSize * plan.classes),
    };
    this.images = new Float32Array(start.images);
    this.targets = new Float32Array(start.targets);
    this.#worker = new Worker(workerFile(), { workerData: start });
    this.#worker.unref();
    this.#worker.on('message', (reply: WorkerReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) =>
      this.#end(new OnnxEngineError('SESSION_FAILED', `the session's worker thread ended with code ${code}`)),
    );
    const abort = () => {
      const cause = signal?.reason;
      this.#end(
        new OnnxEngineError('SESSION_CLOSED', 'the training session was cancelled by its signal', { cause }),
      );
      void this.#worker.terminate();
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  }

  step(step: number, scalars: readonly number[]): Promise<number> {
    return this.#ask({ kind: 'step', step, scalars }) as Promise<number>;
  }

  predict(images: Float32Array, onProgress?: (done: number) => void): Promise<Float32Array> {
    return this.#ask({ kind: 'predict', images }, onProgress) as Promise<Float32Array>;
  }

  read(): Promise<TrainingVectors> {
    return this.#ask({ kind: 'read' }) as Promise<TrainingVectors>;
  }

  write(vectors: TrainingVectors): Promise<void> {
    return this.#ask({ kind: 'write', vectors }) as Promise<void>;
  }

  async dispose(): Promise<void> {
    if (this.#ended === undefined) await this.#ask({ kind: 'dispose' });
    this.#ended ??= new OnnxEngineError('SESSION_CLOSED', 'the training session was disposed of');
    await this.#worker.terminate();
  }

  #ask(request: WorkerRequest, onProgress?: (done: number) => void): Promise<unknown> {
    if (this.#ended === undefined) this.#worker.postMessage(request);
    return this.#wait(onProgress);
  }

  #wait(onProgress?: (done: number) => void): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, onProgress };
    });
  }

  #receive(reply: WorkerReply): void {
    if (reply.kind === 'progress') {
      this.#pending?.onProgress?.(reply.done);
      return;
    }
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.unref();
    if (reply.kind === 'failure') pending?.reject(revive(reply));
    else pending?.resolve(reply.kind === 'result' ? reply.value : undefined);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#ended);
  }
}

/** Messages carry plain errors: the class and the code are put back. */
function revive({ error, code }: Extract<WorkerReply, { kind: 'failure' }>): Error {
  return new OnnxEngineError((code as OnnxErrorCode) ?? 'SESSION_FAILED', error.message, { cause: error });
}

function workerFile(): URL {
  const url = new URL(WORKER_FILE, import.meta.url);
  if (existsSync(url)) return url;
  throw new OnnxEngineError(
    'SESSION_FAILED',
    `the worker's file is missing beside ${import.meta.url}; if a bundler moved this package, keep ` +
      '"@mnist/onnx" external, or open the engine with worker: false',
  );
}
