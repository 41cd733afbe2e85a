// Entry point of the loader's worker threads; `parallelLoader` starts it.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createFillBatch } from './_fill-batch.js';
import { Ring } from './_ring.js';
import { toPlainError, type WorkerMessage, type WorkerTask } from './_worker-message.js';
import { transformFromSpec } from './transform-from-spec.js';

async function work(task: WorkerTask, port: MessagePort): Promise<void> {
  const tell = (message: WorkerMessage): void => port.postMessage(message);
  const ring = new Ring(task.ring);
  let fill: ReturnType<typeof createFillBatch>;
  try {
    const transform = await transformFromSpec(task.spec);
    fill = createFillBatch(task, transform, task.seed, task.outHeight, task.outWidth);
  } catch (error) {
    tell({ ticket: -1, error: toPlainError(error) });
    return;
  }
  for (let ticket = ring.claim(); ticket >= 0; ticket = ring.claim()) {
    let failed = false;
    try {
      fill(ring.indices(ticket), ring.epoch(ticket), ring.images(ticket));
    } catch (error) {
      failed = true;
      tell({ ticket, error: toPlainError(error) });
    }
    if (ring.finish(ticket, failed)) tell('ready');
  }
}

if (parentPort === null)
  throw new Error('loader-worker runs in a worker thread; call parallelLoader() instead.');
await work(workerData as WorkerTask, parentPort);
