import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { setAside } from '../src/_set-aside.js';
import { makeWorld } from './support/world.js';

const bad = Buffer.from('bad');

it('keeps every bad file under a name of its own', async () => {
  const { cache, put } = await makeWorld();
  for (const n of [1, 2, 3]) {
    await put(cache, { file: bad });
    expect(await setAside(join(cache, 'file'), bad)).toBe(join(cache, `file.bad-${n}`));
  }
  expect(await readdir(cache)).toEqual(['file.bad-1', 'file.bad-2', 'file.bad-3']);
});

it('leaves a file alone that another process has put in its place', async () => {
  const { cache, put } = await makeWorld();
  await put(cache, { file: Buffer.from('good') });
  expect(await setAside(join(cache, 'file'), bad)).toBeUndefined();
  expect(await readdir(cache)).toEqual(['file']);
  expect(await readFile(join(cache, 'file'), 'utf8')).toBe('good');
});

it('does nothing when another process was quicker', async () => {
  const { cache, put } = await makeWorld();
  await put(cache, {});
  expect(await setAside(join(cache, 'file'), bad)).toBeUndefined();
  expect(await readdir(cache)).toEqual([]);
  await writeFile(join(cache, 'file'), bad);
  const both = await Promise.all([setAside(join(cache, 'file'), bad), setAside(join(cache, 'file'), bad)]);
  expect(both.filter(Boolean)).toHaveLength(1);
  expect(await readdir(cache)).toHaveLength(1);
});
