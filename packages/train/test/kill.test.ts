import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stream, uniform } from '@mnist/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { listCheckpoints, readCheckpoint } from '../src/index.js';

const root = mkdtempSync(join(tmpdir(), 'mnist-train-kill-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const start = (folder: string) =>
  spawn(process.execPath, [fileURLToPath(new URL('kill-child.mjs', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const exitOf = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));

/** Resolves when the child has begun its `count`-th checkpoint write, or has ended. */
async function writeBegun(checkpoints: string, child: ChildProcess, count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const seen = new Set<string>();
    const watcher = watch(checkpoints, (_event, name) => {
      if (!name?.endsWith('.tmp')) return;
      seen.add(name);
      if (seen.size === count) done();
    });
    const done = () => {
      watcher.close();
      resolve();
    };
    child.on('exit', done);
  });
}

async function finish(folder: string) {
  expect(await exitOf(start(folder))).toBe(0);
  return {
    result: JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')),
    log: readFileSync(join(folder, 'log.csv'), 'utf8').replace(/,[^,]+(,[^,]*,[^,]*)$/gm, '$1'),
  };
}

/** Kills one training `kills` times, every second time soon after a checkpoint write began, then lets it finish. */
async function killAndFinish(name: string, seed: number, kills: number) {
  const folder = join(root, name);
  const checkpoints = join(folder, 'checkpoints');
  mkdirSync(checkpoints, { recursive: true });
  const source = stream(seed, 'kills');
  const random = () => uniform(source);
  let insideWrite = 0;
  const reached: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const child = start(folder);
    const exited = exitOf(child);
    await writeBegun(checkpoints, child, 1 + Math.floor(4 * random()));
    await delay(random() * (kill % 2 === 0 ? 8 : 60));
    child.kill('SIGKILL');
    await exited;
    insideWrite += Number(readdirSync(checkpoints).some((file) => file.endsWith('.tmp')));
    for (const { path, step } of await listCheckpoints(checkpoints)) {
      reached.push(step);
      expect((await readCheckpoint(path)).state.step).toBe(step);
    }
  }
  return { ...(await finish(folder)), insideWrite, reached };
}

describe('a training that is killed with SIGKILL and resumed', () => {
  it('ends with the same bits as one that is left alone, after 20 kills, many inside a checkpoint write', async () => {
    mkdirSync(join(root, 'whole'));
    const [whole, a, b] = await Promise.all([
      finish(join(root, 'whole')),
      killAndFinish('a', 1, 10),
      killAndFinish('b', 2, 10),
    ]);
    expect(whole.result.reason).toBe('completed');
    expect(whole.result.history.step).toHaveLength(160);
    for (const killed of [a, b]) {
      expect(killed.result).toEqual(whole.result);
      expect(killed.log).toBe(whole.log);
      expect(new Set(killed.reached.filter((step) => step > 0 && step < 160)).size).toBeGreaterThan(3);
    }
    expect(a.insideWrite + b.insideWrite).toBeGreaterThan(0);
  }, 300_000);
});
