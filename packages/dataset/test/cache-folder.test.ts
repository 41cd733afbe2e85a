import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from '../src/index.js';

const base = { env: {}, home: '/h', platform: 'linux' } as const;
const folder = (...parts: string[]) => join(...parts, 'mnist-datasets', 'kmnist');

it.each([
  [base, folder('/h', '.cache')],
  [{ ...base, env: { XDG_CACHE_HOME: '/x' } }, folder('/x')],
  [{ ...base, env: { XDG_CACHE_HOME: 'relative' } }, folder('/h', '.cache')],
  [{ ...base, platform: 'darwin' }, folder('/h', 'Library', 'Caches')],
  [{ ...base, platform: 'win32', env: { LOCALAPPDATA: '/local' } }, folder('/local')],
  [{ ...base, platform: 'win32' }, folder('/h', 'AppData', 'Local')],
] as const)('%j', (context, expected) => {
  expect(cacheFolder('kmnist', context)).toBe(expected);
});

it("is under the user's own home by default", () => {
  const inHome = process.env.XDG_CACHE_HOME || process.env.LOCALAPPDATA || homedir();
  expect(cacheFolder('mnist').startsWith(inHome)).toBe(true);
});
