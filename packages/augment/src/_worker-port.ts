import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerMessage, WorkerTask } from './_worker-message.js';

/** What a worker was started for, and how it answers. */
export interface WorkerPort {
  readonly task: WorkerTask;
  tell(message: WorkerMessage): void;
}

export async function openPort(): Promise<WorkerPort> {
  const port = parentPort;
  if (port === null) {
    throw new Error('loader-worker runs in a worker thread; call parallelLoader() instead.');
  }
  return { task: workerData as WorkerTask, tell: (message) => port.postMessage(message) };
}
