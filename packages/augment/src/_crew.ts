import { Worker } from 'node:worker_threads';
import { createRingMemory, Ring, slotState } from './_ring.js';
import { fromPlainError, type WorkerMessage, type WorkerTask } from './_worker-message.js';
import { AugmentError } from './augment-error.js';

export interface CrewOptions {
  readonly workers: number;
  readonly slots: number;
  readonly batchSize: number;
  readonly imageLength: number;
  readonly task: Omit<WorkerTask, 'ring'>;
}

/**
 * Workers inherit the flags of the process, so that loaders for TypeScript and the like work in them; but
 * `node --input-type=module -e '...'` would forbid them to start from a file.
 */
function workerArguments(): string[] | undefined {
  return process.execArgv.some((flag) => flag.startsWith('--input-type')) ? [] : undefined;
}

/** The workers of one iteration and the ring they fill. */
export class Crew {
  readonly ring: Ring;
  readonly #workers: Worker[] = [];
  readonly #batchErrors = new Map<number, Error>();
  #failure: Error | undefined;
  #stopping: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor({ workers, slots, batchSize, imageLength, task }: CrewOptions) {
    const memory = createRingMemory({ slots, batchSize, imageLength });
    this.ring = new Ring(memory);
    const workerData: WorkerTask = { ...task, ring: memory };
    for (let i = 0; i < workers; i++) {
      const worker = new Worker(new URL('./loader-worker.js', import.meta.url), {
        workerData,
        name: `mnist-augment-${i}`,
        execArgv: workerArguments(),
      });
      worker.on('message', (message: WorkerMessage) => this.#receive(message));
      worker.on('error', (cause) => this.#fail(i, `stopped with ${cause}`, cause));
      worker.on('exit', (code) => this.#fail(i, `stopped with exit code ${code}`));
      // An iteration that nobody continues must not keep the process alive; `waitFor` holds it while it waits.
      worker.unref();
      this.#workers.push(worker);
    }
  }

  /** Resolves when the batch with this ticket is in its slot. Rejects with the error of the batch, or of the crew. */
  async waitFor(ticket: number): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const state = this.ring.state(ticket);
      if (state === slotState.ready) return;
      const error = this.#batchErrors.get(ticket);
      if (error !== undefined) throw error;
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.ring.announceWaiting();
      // The batch may have become ready before the announcement, in which case no message comes.
      if (this.ring.state(ticket) === slotState.ready) return;
      for (const worker of this.#workers) worker.ref();
      await woken;
      if (this.#stopping === undefined) for (const worker of this.#workers) worker.unref();
    }
  }

  /** Ends all workers and resolves when they are gone. A pending or later `waitFor` rejects with `reason`. */
  stop(reason: Error): Promise<void> {
    if (this.#stopping === undefined) {
      this.#failure ??= reason;
      this.ring.stop();
      // What waits for the end would never hear of it if the process ended for want of anything to do.
      for (const worker of this.#workers) worker.ref();
      this.#stopping = Promise.all(this.#workers.map((worker) => worker.terminate())).then(() => {});
      this.#wake();
    }
    return this.#stopping;
  }

  #receive(message: WorkerMessage): void {
    if (message !== 'ready') {
      const error = fromPlainError(message.error);
      if (message.ticket < 0) this.#failure ??= error;
      else this.#batchErrors.set(message.ticket, error);
    }
    this.#wake();
  }

  #fail(worker: number, what: string, cause?: unknown): void {
    this.#failure ??= new AugmentError(
      'WORKER_DIED',
      `Worker ${worker} of parallelLoader ${what} while it was needed. The batch it held is lost; iterate(step) goes on from any batch. With { workers: 0 } the transform runs in this thread, where its crash can be debugged.`,
      { cause },
    );
    this.#wake();
  }
}
