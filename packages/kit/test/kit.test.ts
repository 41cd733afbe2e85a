import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exists, ifExists, nameAfterWriting, temporaryName, writeFileDurably } from '../src/files.js';
import {
  deriveSeed,
  errorKind,
  flag,
  formatDuration,
  integer,
  number,
  oneOf,
  optionChecks,
  pause,
  range,
  retry,
  show,
  shuffle,
  stream,
  uniform,
} from '../src/index.js';

describe('option checks', () => {
  class Refused extends Error {}
  const check = optionChecks((message) => new Refused(message));
  const defaults = { size: 3, loud: false };
  const checks = { size: integer({ min: 1, max: 9 }), loud: flag, name: oneOf('a', 'b') };

  it('fills in defaults, and undefined counts as absent', () => {
    expect(check.complete('f', { size: undefined, loud: true }, defaults, checks)).toEqual({
      size: 3,
      loud: true,
    });
    expect(check.complete('f', undefined, defaults, checks)).toEqual(defaults);
  });
  it.each([
    [{ size: 0 }, 'f: size is 0; expected a whole number from 1 to 9.'],
    [{ size: '3' }, 'f: size is "3"; expected a whole number from 1 to 9.'],
    [{ size: Number.NaN }, 'f: size is NaN; expected a whole number from 1 to 9.'],
    [{ sizes: 1 }, 'f: unknown option "sizes"; it takes size, loud, name.'],
    [{ name: 'c' }, 'f: name is "c"; expected one of "a", "b".'],
    [{ loud: 'false' }, 'f: loud is "false"; expected true or false.'],
    [[], 'f: the options are []; expected an object.'],
    [null, 'f: the options are null; expected an object.'],
  ])('refuses %j', (given, message) => {
    expect(() => check.complete('f', given as object, defaults, checks)).toThrow(new Refused(message));
  });
  it('does not take names from the prototype for known ones', () => {
    expect(() => check.complete('f', { constructor: 1 }, defaults, checks)).toThrow(
      /unknown option "constructor"/,
    );
  });
  it('describes open and closed ends', () => {
    expect(number({ above: 0, below: 1 })(1)).toBe('a finite number, above 0 and below 1');
    expect(number({ min: 0 })(Number.POSITIVE_INFINITY)).toBe('a finite number, at least 0');
    expect(range({ min: -1, max: 1 })([0.5, 0.2])).toMatch(/from <= to/);
    expect(range({ min: -1, max: 1 })([-1, 1])).toBeUndefined();
  });
  it('shows values on one line, short, without control characters', () => {
    expect(show('a\u001b[31m\n')).toBe('"a\\u001b[31m\\n"');
    expect(show('x'.repeat(1000)).length).toBeLessThanOrEqual(120);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(show(circular)).toBe('of class Object');
    expect(show(() => 1)).toBe('a function');
  });
});

describe('durable files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kit-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('replaces a file as a whole and leaves nothing beside it', async () => {
    const path = join(folder, 'a.json');
    await writeFileDurably(path, 'one');
    await writeFileDurably(path, Buffer.from('two'));
    expect(await readFile(path, 'utf8')).toBe('two');
    expect((await readdir(folder)).filter((name) => nameAfterWriting(name) !== undefined)).toEqual([]);
  });
  it('knows its temporary names from other files', () => {
    expect(nameAfterWriting(temporaryName(join(folder, 'step-0001.bin')))).toBe('step-0001.bin');
    for (const other of ['a.tmp', '.a.json.tmp', '.a.1-0123abcd.tmp.json', 'a.1-0123abcd.tmp'])
      expect(nameAfterWriting(other)).toBeUndefined();
  });
  it('keeps the old file and removes the new one when the write fails', async () => {
    const path = join(folder, 'is-a-folder', 'b');
    await writeFile(join(folder, 'is-a-folder'), 'no');
    await expect(writeFileDurably(path, 'x')).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await ifExists(readFile(path))).toBeUndefined();
  });
  it('tells a missing file from an unreadable one', async () => {
    expect(await ifExists(readFile(join(folder, 'nowhere')))).toBeUndefined();
    await expect(ifExists(readFile(folder))).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await exists(folder)).toBe(true);
    expect(await exists(join(folder, 'nowhere', 'below'))).toBe(false);
  });
});

describe('seed streams', () => {
  const first = (...key: Parameters<typeof stream>) => stream(...key).next();

  it('are the same for the same parts and differ in every part', () => {
    const keys: Parameters<typeof stream>[] = [
      [1, 'a', 0, 0],
      [2, 'a', 0, 0],
      [1, 'b', 0, 0],
      [1, 'a', 1, 0],
      [1, 'a', 0, 1],
      [1, 'a', 0],
      [1 + 2 ** 32, 'a', 0, 0],
      [-1, 'a', 0, 0],
    ];
    const values = keys.map((key) => first(...key));
    expect(new Set(values).size).toBe(keys.length);
    expect(keys.map((key) => first(...key))).toEqual(values);
  });
  it('of neighbouring seeds and coordinates are uncorrelated', () => {
    const count = 4000;
    const columns = [0, 1].map((offset) =>
      Array.from({ length: count }, (_, i) => uniform(stream(i + offset, 'test'))),
    );
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const [a, b] = columns as [number[], number[]];
    const covariance = mean(a.map((value, i) => (value - 0.5) * (b[i]! - 0.5)));
    // Five standard errors: sd of a product of two centred uniforms is 1/12.
    expect(Math.abs(covariance)).toBeLessThan(5 / 12 / Math.sqrt(count));
    expect(Math.abs(mean(a) - 0.5)).toBeLessThan(5 / Math.sqrt(12 * count));
  });
  it('derive seeds that are 32-bit and distinct for neighbours', () => {
    const seeds = Array.from({ length: 1000 }, (_, i) => deriveSeed(7, 'net', i));
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
    expect(new Set(seeds).size).toBe(1000);
  });
  it('shuffle every order equally often (chi-square over 3!)', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const values = [0, 1, 2];
      shuffle(values, stream(i, 'orders'));
      counts.set(values.join(''), (counts.get(values.join('')) ?? 0) + 1);
    }
    const statistic = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(6);
    // The 99.99 % quantile of chi-square with 5 degrees of freedom.
    expect(statistic).toBeLessThan(25.7);
  });
});

describe('retry', () => {
  it('doubles its pauses, up to the longest, and gives the last error as it was thrown', async () => {
    vi.useFakeTimers();
    const delays: number[] = [];
    const thrown = { odd: true };
    const result = retry(() => Promise.reject(thrown), {
      attempts: 5,
      firstDelayMs: 100,
      longestDelayMs: 300,
      onFailure: (_error, _attempt, delay) => delays.push(delay),
    }).catch((error) => error);
    await vi.runAllTimersAsync();
    expect(await result).toBe(thrown);
    expect(delays).toEqual([100, 200, 300, 300]);
    vi.useRealTimers();
  });
  it('stops at what another attempt cannot cure', async () => {
    const operation = vi.fn(() => Promise.reject(new Error('gone')));
    await expect(retry(operation, { attempts: 5, firstDelayMs: 1, mayPass: () => false })).rejects.toThrow(
      'gone',
    );
    expect(operation).toHaveBeenCalledTimes(1);
  });
  it('ends its pause when the signal is aborted, with its reason', async () => {
    const controller = new AbortController();
    const result = retry(() => Promise.reject(new Error('x')), {
      attempts: 3,
      firstDelayMs: 60_000,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(new Error('enough')), 10);
    await expect(result).rejects.toThrow('enough');
    await expect(pause(1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });
});

it.each([
  [400, '0.4 s'],
  [59_000, '59 s'],
  [212_000, '3 min 32 s'],
  [3_899_000, '1 h 05 min'],
  [273_600_000, '3 d 04 h'],
  [Number.POSITIVE_INFINITY, '-'],
])('%s ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

it('knows the kind of an error by what it says of itself', () => {
  expect(errorKind(Object.assign(new Error('x'), { kind: 'data' }))).toBe('data');
  expect(errorKind(new Error('x'))).toBe('internal');
  expect(errorKind(undefined)).toBe('internal');
});
