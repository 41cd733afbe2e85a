import { createRingMemory, Ring, slotState } from './_ring.js';
import { type LoaderWorker, startWorker } from './_start-worker.js';
import { fromPlainError, type WorkerMessage, type WorkerTask } from './_worker-message.js';
import { AugmentError } from './augment-error.js';

export interface CrewOptions {
  readonly workers: number;
  readonly slots: number;
  readonly batchSize: number;
  readonly imageLength: number;
  readonly task: Omit<WorkerTask, 'ring'>;
}

/** The workers of one iteration and the ring they fill. */
export class Crew {
  readonly ring: Ring;
  readonly #workers: LoaderWorker[] = [];
  readonly #batchErrors = new Map<number, Error>();
  #failure: Error | undefined;
  #stopping: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor({ workers, slots, batchSize, imageLength, task }: CrewOptions) {
    const memory = createRingMemory({ slots, batchSize, imageLength });
    this.ring = new Ring(memory);
    const workerTask: WorkerTask = { ...task, ring: memory };
    for (let i = 0; i < workers; i++) {
      const worker = startWorker(`mnist-augment-${i}`, workerTask, {
        onMessage: (message) => this.#receive(message),
        onEnd: (what, cause) => this.#fail(i, what, cause),
      });
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
