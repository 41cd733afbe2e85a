// Entry point of the loader's worker threads; `parallelLoader` starts it.
import { createFillBatch } from './_fill-batch.js';
import { Ring } from './_ring.js';
import { toPlainError } from './_worker-message.js';
import { openPort, type WorkerPort } from './_worker-port.js';
import { transformFromSpec } from './transform-from-spec.js';

async function work({ task, tell }: WorkerPort): Promise<void> {
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

// Not awaited: a browser's worker hears no message before its module has run to the end.
void openPort().then(work);
