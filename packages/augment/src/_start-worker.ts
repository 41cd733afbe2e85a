import { Worker } from 'node:worker_threads';
import type { WorkerMessage, WorkerTask } from './_worker-message.js';

/** A worker of the loader, of either kind. */
export interface LoaderWorker {
  /** Whether it keeps the process alive. */
  ref(): void;
  unref(): void;
  /** Resolves when it is gone. */
  terminate(): Promise<unknown>;
}

export interface WorkerListeners {
  readonly onMessage: (message: WorkerMessage) => void;
  /** It stopped, asked or not; `what` continues 'worker 3 ...'. */
  readonly onEnd: (what: string, cause?: unknown) => void;
}

/** Throws where workers and this thread cannot share memory, which every Node can. */
export function requireSharedMemory(): void {}

export function startWorker(name: string, task: WorkerTask, listeners: WorkerListeners): LoaderWorker {
  const worker = new Worker(new URL('./loader-worker.js', import.meta.url), {
    workerData: task,
    name,
    execArgv: workerArguments(),
  });
  worker.on('message', listeners.onMessage);
  worker.on('error', (cause) => listeners.onEnd(`stopped with ${cause}`, cause));
  worker.on('exit', (code) => listeners.onEnd(`stopped with exit code ${code}`));
  return worker;
}

/**
 * Workers inherit the flags of the process, so that loaders for TypeScript and the like work in them; but
 * `node --input-type=module -e '...'` would forbid them to start from a file.
 */
function workerArguments(): string[] | undefined {
  return process.execArgv.some((flag) => flag.startsWith('--input-type')) ? [] : undefined;
}
