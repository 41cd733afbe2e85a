import { existsSync } from 'node:fs';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { EngineError } from '@mnist/engine';
import { sizeOf } from '@mnist/kit';
import { closeOnExit, forgetGate, newGate } from './native-gate.js';
import type { StepGraph, StepPlan, StepRunner, TrainingVectors } from './step-plan.js';
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
 * The worker keeps the process alive only while it works, and is never ended inside native code: it ends itself.
 */
export class WorkerStepRunner implements StepRunner {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #pending: Pending | undefined;
  #ended: Error | undefined;

  static async create(plan: StepPlan): Promise<WorkerStepRunner> {
    const runner = new WorkerStepRunner(plan);
    try {
      await runner.#wait();
    } catch (error) {
      runner.#worker.ref();
      await runner.#exited;
      throw error;
    }
    return runner;
  }

  private constructor(plan: StepPlan) {
    const floats = (count: number) => new SharedArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT);
    const gate = newGate();
    const start: WorkerStart = {
      plan,
      images: floats(plan.stepsPerCall * plan.training.batchSize * sizeOf(plan.inputShape)),
      targets: floats(plan.stepsPerCall * plan.training.batchSize * plan.classes),
      gate,
    };
    this.images = new Float32Array(start.images);
    this.targets = new Float32Array(start.targets);
    this.#worker = new Worker(workerFile(), { workerData: start, env: SHARE_ENV });
    closeOnExit(gate);
    this.#worker.unref();
    this.#worker.on('message', (reply: WorkerReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#end(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        forgetGate(gate);
        this.#end(new EngineError('SESSION_FAILED', `the session's worker thread ended with code ${code}.`));
        resolve();
      });
    });
  }

  async prepare(graph: StepGraph): Promise<void> {
    await this.#ask({ kind: 'prepare', graph });
  }

  steps(count: number, step: number, scalars: readonly (readonly number[])[]): Promise<number[]> {
    return this.#ask({ kind: 'steps', count, step, scalars }) as Promise<number[]>;
  }

  async rewind(): Promise<void> {
    await this.#ask({ kind: 'rewind' });
  }

  predict(images: Float32Array, onProgress?: (done: number) => void): Promise<Float32Array> {
    return this.#ask({ kind: 'predict', images }, onProgress) as Promise<Float32Array>;
  }

  read(): Promise<TrainingVectors> {
    return this.#ask({ kind: 'read' }) as Promise<TrainingVectors>;
  }

  async write(vectors: TrainingVectors): Promise<void> {
    await this.#ask({ kind: 'write', vectors });
  }

  async dispose(): Promise<void> {
    if (this.#ended === undefined) await this.#ask({ kind: 'dispose' });
    this.#worker.ref();
    await this.#exited;
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
    if (reply.kind === 'failure') pending?.reject(reply.error);
    else pending?.resolve(reply.kind === 'result' ? reply.value : undefined);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#ended);
  }
}

function workerFile(): URL {
  const url = new URL(WORKER_FILE, import.meta.url);
  if (existsSync(url)) return url;
  throw new EngineError(
    'SESSION_FAILED',
    `the worker's file is missing beside ${import.meta.url}; if a bundler moved this package, keep ` +
      '"@mnist/onnx" external, or open the engine with worker: false.',
  );
}
