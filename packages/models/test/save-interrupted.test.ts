import '@tensorflow/tfjs-backend-cpu';
import type * as Files from 'node:fs/promises';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { compactNet, loadModel, saveModel } from '../src/index.js';
import { disk } from './support/crashing-files.js';
import { weightBits } from './support/weights.js';

vi.mock('node:fs/promises', async (importOriginal) => {
  const { crashingFiles } = await import('./support/crashing-files.js');
  return crashingFiles(await importOriginal<typeof Files>());
});

const small = (seed: number) => compactNet({ widths: [2, 3, 4], seed });
const [oldNet, newNet] = [small(1), small(2)];
const [oldBits, newBits] = [weightBits(oldNet), weightBits(newNet)];
let dir: string;

beforeEach(async () => {
  Object.assign(disk, { calls: 0, crashAt: Number.POSITIVE_INFINITY });
  dir = await mkdtemp(join(tmpdir(), 'models-'));
});
afterEach(async () => {
  disk.crashAt = Number.POSITIVE_INFINITY;
  await rm(dir, { recursive: true });
});

/** Runs `save` with a kill before the 1st, 2nd, ... change on disk; `check` sees what each leaves. */
async function killEverywhere(prepare: () => Promise<void>, check: () => Promise<void>): Promise<number> {
  for (let crashAt = 1; ; crashAt++) {
    disk.crashAt = Number.POSITIVE_INFINITY;
    for (const name of await readdir(dir)) await rm(join(dir, name));
    await prepare();
    Object.assign(disk, { calls: 0, crashAt });
    const result = await saveModel(newNet, dir).then(
      () => 'saved',
      (error) => error.code,
    );
    disk.crashAt = Number.POSITIVE_INFINITY;
    if (result === 'saved') return crashAt - 1;
    expect(result).toBe('SAVE_FAILED');
    await check();
    // The next save succeeds and clears what was left.
    await saveModel(newNet, dir);
    expect(weightBits(await loadModel(dir))).toEqual(newBits);
    expect((await readdir(dir)).sort()).toEqual(['model.json', 'weights.bin']);
  }
}

it('leaves the old or the new model, whole, wherever a save over another is killed', async () => {
  const seen = { old: 0, new: 0 };
  const kills = await killEverywhere(
    () => saveModel(oldNet, dir),
    async () => {
      const bits = weightBits(await loadModel(dir));
      const isNew = JSON.stringify(bits) === JSON.stringify(newBits);
      if (!isNew) expect(bits).toEqual(oldBits);
      seen[isNew ? 'new' : 'old']++;
    },
  );
  // Four files, each opened, written and renamed, and one removed.
  expect(kills).toBe(13);
  expect(seen.old).toBeGreaterThan(0);
  expect(seen.new).toBeGreaterThan(0);
});

it('leaves no model.json wherever a first save is killed', async () => {
  const kills = await killEverywhere(
    async () => {},
    async () => {
      await expect(loadModel(dir)).rejects.toThrow(
        expect.objectContaining({ code: 'FILE_MISSING' }) as Error,
      );
    },
  );
  expect(kills).toBe(6);
});
