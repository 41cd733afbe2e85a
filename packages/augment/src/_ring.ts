// A ring of batches in shared memory between one consumer (the training thread) and any number of workers.
// Everything that keeps the work going is an atomic in shared memory, because the training thread may sit in native
// code for a whole training step and does not turn its event loop meanwhile. Messages only wake a waiting consumer.
//
// Ticket t is the t-th batch of the iteration and lives in slot t % slots. The consumer writes what the batch consists of and
// publishes it; a worker claims the ticket, fills the slot and marks it ready; the consumer copies it out and
// publishes ticket t + slots into the same slot. That is the back-pressure: no slot, no work.

const stopAt = 0;
const publishedAt = 1;
const claimedAt = 2;
const waitingAt = 3;
const statesAt = 4;

export const slotState = { empty: 0, asked: 1, ready: 2, failed: 3 } as const;

export interface RingShape {
  readonly slots: number;
  /** Images in a full batch. */
  readonly batchSize: number;
  /** Values in one image of the result. */
  readonly imageLength: number;
}

/** What `postMessage` carries to a worker; `Ring` wraps it on both sides. */
export interface RingMemory extends RingShape {
  readonly control: SharedArrayBuffer;
  readonly indices: SharedArrayBuffer;
  readonly images: SharedArrayBuffer;
}

export function createRingMemory({ slots, batchSize, imageLength }: RingShape): RingMemory {
  return {
    slots,
    batchSize,
    imageLength,
    control: new SharedArrayBuffer(4 * (statesAt + 3 * slots)),
    indices: new SharedArrayBuffer(4 * slots * batchSize),
    images: new SharedArrayBuffer(4 * slots * batchSize * imageLength),
  };
}

export class Ring {
  readonly slots: number;
  readonly #control: Int32Array;
  readonly #indices: Uint32Array;
  readonly #images: Float32Array;
  readonly #batchSize: number;
  readonly #imageLength: number;

  constructor(memory: RingMemory) {
    this.slots = memory.slots;
    this.#batchSize = memory.batchSize;
    this.#imageLength = memory.imageLength;
    this.#control = new Int32Array(memory.control);
    this.#indices = new Uint32Array(memory.indices);
    this.#images = new Float32Array(memory.images);
  }

  /** Positions in the data set of the batch with this ticket. */
  indices(ticket: number): Uint32Array {
    const start = (ticket % this.slots) * this.#batchSize;
    return this.#indices.subarray(start, start + this.size(ticket));
  }

  images(ticket: number): Float32Array {
    const start = (ticket % this.slots) * this.#batchSize * this.#imageLength;
    return this.#images.subarray(start, start + this.size(ticket) * this.#imageLength);
  }

  size(ticket: number): number {
    return this.#control[this.#header(ticket)]!;
  }

  epoch(ticket: number): number {
    return this.#control[this.#header(ticket) + 1]! >>> 0;
  }

  state(ticket: number): number {
    return Atomics.load(this.#control, statesAt + (ticket % this.slots));
  }

  /** Consumer: asks for a batch. The slot of `ticket` must be empty. */
  publish(ticket: number, indices: Uint32Array, epoch: number): void {
    const header = this.#header(ticket);
    this.#control[header] = indices.length;
    this.#control[header + 1] = epoch;
    this.#indices.set(indices, (ticket % this.slots) * this.#batchSize);
    Atomics.store(this.#control, statesAt + (ticket % this.slots), slotState.asked);
    Atomics.store(this.#control, publishedAt, ticket + 1);
    Atomics.notify(this.#control, publishedAt, 1);
  }

  release(ticket: number): void {
    Atomics.store(this.#control, statesAt + (ticket % this.slots), slotState.empty);
  }

  /** Consumer: from now on the next `finish` tells its caller to send a message. */
  announceWaiting(): void {
    Atomics.store(this.#control, waitingAt, 1);
  }

  /** Consumer: lets no worker claim another ticket. */
  stop(): void {
    Atomics.store(this.#control, stopAt, 1);
    Atomics.add(this.#control, publishedAt, 1);
    Atomics.notify(this.#control, publishedAt);
  }

  /** Worker: blocks until there is a batch to fill; -1 when the consumer has stopped. */
  claim(): number {
    for (;;) {
      const published = Atomics.load(this.#control, publishedAt);
      if (Atomics.load(this.#control, stopAt) !== 0) return -1;
      const ticket = Atomics.load(this.#control, claimedAt);
      if (ticket >= published) {
        Atomics.wait(this.#control, publishedAt, published);
      } else if (Atomics.compareExchange(this.#control, claimedAt, ticket, ticket + 1) === ticket) {
        return ticket;
      }
    }
  }

  /** Worker: hands a filled (or failed) batch over. True when the consumer is waiting for a message. */
  finish(ticket: number, failed: boolean): boolean {
    const state = failed ? slotState.failed : slotState.ready;
    Atomics.store(this.#control, statesAt + (ticket % this.slots), state);
    return Atomics.exchange(this.#control, waitingAt, 0) === 1;
  }

  #header(ticket: number): number {
    return statesAt + this.slots + 2 * (ticket % this.slots);
  }
}
