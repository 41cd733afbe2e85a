import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { compactNet, saveModel } from '../src/index.js';

const script = fileURLToPath(new URL('support/load-mutated.mjs', import.meta.url));
/** No load of so small a net takes so long, on however busy a machine. */
const longestMs = 60_000;

it('every part of a model.json replaced by something else: a typed error or a model, and never a hang', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'models-'));
  await saveModel(compactNet({ widths: [1, 1, 1], seed: 1 }), folder);
  const json = await readFile(join(folder, 'model.json'), 'utf8');
  const worker = new Worker(script, { workerData: { folder, json } });
  try {
    const outcomes = await new Promise<Record<string, number>>((resolve, reject) => {
      let current = 'the start';
      const hang = () => reject(new Error(`loadModel hangs: ${current}`));
      let timer = setTimeout(hang, longestMs);
      worker.on('message', (message: { at: string } | { outcomes: Record<string, number> }) => {
        clearTimeout(timer);
        if ('outcomes' in message) return resolve(message.outcomes);
        current = message.at;
        timer = setTimeout(hang, longestMs);
      });
      worker.on('error', reject);
    });
    const { total, ...kinds } = outcomes;
    expect(total).toBeGreaterThan(900);
    expect(Object.keys(kinds).sort()).toEqual(['FILE_CORRUPT', 'MODEL_UNREADABLE', 'a model']);
  } finally {
    await worker.terminate();
    await rm(folder, { recursive: true });
  }
}, 300_000);
