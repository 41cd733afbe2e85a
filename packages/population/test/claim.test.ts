import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Claim, ClaimBook } from '../src/_claim.js';
import { temporaryFolder, waitUntil } from './support/population-fixture.js';

const held: Claim[] = [];
afterEach(async () => {
  for (const claim of held.splice(0)) await claim.release();
});

async function acquire(book: ClaimBook, name = '0000'): Promise<Claim | undefined> {
  const claim = await book.acquire(name);
  if (claim !== undefined) held.push(claim);
  return claim;
}

/** Rewrites the only claim in a folder as if another process had made it. */
function disguise(folder: string, changes: object): string {
  const path = join(folder, readdirSync(folder)[0]!);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }));
  return path;
}

describe('a claim', () => {
  it('is held by one and free after release', async () => {
    const folder = temporaryFolder();
    const [a, b] = [new ClaimBook(folder, 60_000), new ClaimBook(folder, 60_000)];
    const claim = await acquire(a);
    expect(await claim!.isHeld()).toBe(true);
    expect(await acquire(b)).toBeUndefined();
    expect(await acquire(b, '0001')).toBeDefined();
    await claim!.release();
    await claim!.release();
    expect(await claim!.isHeld()).toBe(false);
    expect(await acquire(b)).toBeDefined();
  });

  it('never has two holders when many ask at once, again and again', async () => {
    const folder = temporaryFolder();
    let holders = 0;
    let turns = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const book = new ClaimBook(folder, 60_000);
        while (turns < 120) {
          const claim = await book.acquire('0000');
          if (claim === undefined) {
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
            continue;
          }
          holders += 1;
          expect(holders).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
          expect(holders).toBe(1);
          holders -= 1;
          turns += 1;
          await claim.release();
        }
      }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has one successor when its owner is dead and many want it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = temporaryFolder();
      await acquire(new ClaimBook(folder, 60_000));
      disguise(folder, { pid: 2 ** 30, token: 'dead' });
      const tries = await Promise.all(
        Array.from({ length: 6 }, () => acquire(new ClaimBook(folder, 60_000))),
      );
      expect(tries.filter((claim) => claim !== undefined).length).toBeLessThanOrEqual(1);
      if (tries.every((claim) => claim === undefined)) {
        expect(await acquire(new ClaimBook(folder, 60_000))).toBeDefined();
      }
      expect(readdirSync(folder)).toHaveLength(1);
    }
  });

  it('of another machine expires when its heartbeat stands still, whatever its clock says', async () => {
    const folder = temporaryFolder();
    await acquire(new ClaimBook(folder, 60_000));
    const path = disguise(folder, { host: 'elsewhere', token: 'theirs' });
    const future = new Date(Date.now() + 3_600_000);
    utimesSync(path, future, future);
    const book = new ClaimBook(folder, 1000);
    const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
    for (let beat = 1; beat <= 5; beat += 1) {
      expect(await acquire(book)).toBeUndefined();
      await pause();
      utimesSync(path, future, new Date(future.getTime() + beat * 1000));
    }
    const silence = performance.now();
    while ((await acquire(book)) === undefined) await pause();
    expect(performance.now() - silence).toBeGreaterThan(1000);
  });

  it('of a process with our host name but another boot or pid namespace is not declared dead', async () => {
    for (const change of [{ boot: 'another' }, { pidNamespace: 'pid:[1]' }]) {
      const folder = temporaryFolder();
      await acquire(new ClaimBook(folder, 60_000));
      disguise(folder, { ...change, pid: 2 ** 30, token: 'theirs' });
      expect(await acquire(new ClaimBook(folder, 60_000))).toBeUndefined();
    }
  });

  it('that was cut short while it was written expires like a silent one', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '0000.5.json'), '{"token": "half');
    const book = new ClaimBook(folder, 60);
    expect(await acquire(book)).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(await acquire(book)).toBeDefined();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('tells its holder when somebody else took over', async () => {
    const folder = temporaryFolder();
    const claim = await acquire(new ClaimBook(folder, 100));
    disguise(folder, { token: 'somebody else' });
    await waitUntil(() => claim!.lost.aborted, 'the loss is noticed');
    expect(await claim!.isHeld()).toBe(false);
    await claim!.release();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('keeps its heartbeat going', async () => {
    const folder = temporaryFolder();
    const claim = await acquire(new ClaimBook(folder, 200));
    const other = new ClaimBook(folder, 200);
    for (let i = 0; i < 12; i += 1) {
      expect(await acquire(other)).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(claim!.lost.aborted).toBe(false);
  });
});
