/**
 * Keeps a worker thread from being ended inside native code: Node would stop its JavaScript and wait for the native call,
 * which then throws into a dying isolate and aborts the process (exit code 134).
 *
 * The gate is one shared integer. The worker goes in before native work and out after it; who is about to end the worker
 * closes the gate, which waits until the worker is out and lets it in no more.
 */
export type GateMemory = Int32Array<SharedArrayBuffer>;

const OUT = 0;
const IN = 1;
const CLOSED = 2;

export function newGate(): GateMemory {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** For the worker. Behind a closed gate it waits for its end. */
export async function insideGate<T>(gate: GateMemory, work: () => Promise<T>): Promise<T> {
  if (Atomics.compareExchange(gate, 0, OUT, IN) !== OUT) Atomics.wait(gate, 0, CLOSED);
  try {
    return await work();
  } finally {
    Atomics.store(gate, 0, OUT);
    Atomics.notify(gate, 0);
  }
}

const open = new Set<GateMemory>();

/** Closes the gate when this thread's process or environment exits, whatever the reason: `process.exit`, an uncaught error. */
export function closeOnExit(gate: GateMemory): void {
  if (open.size === 0) process.once('exit', closeAll);
  open.add(gate);
}

/** For a worker that has ended by itself. */
export function forgetGate(gate: GateMemory): void {
  open.delete(gate);
  if (open.size === 0) process.off('exit', closeAll);
}

function closeAll(): void {
  for (const gate of open) {
    // Blocks this thread, which has nothing left to do, for the rest of one native call.
    while (Atomics.compareExchange(gate, 0, OUT, CLOSED) === IN) Atomics.wait(gate, 0, IN);
  }
}
