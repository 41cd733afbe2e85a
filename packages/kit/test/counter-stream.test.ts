import { expect, test } from 'vitest';
import { deriveCounterSeed, fillUniform, philoxBlock } from '../src/index.js';

test('Philox4x32-10 gives the known answers of Random123', () => {
  const block = new Uint32Array(4);
  const hex = () => [...block].map((word) => word.toString(16).padStart(8, '0')).join(' ');
  philoxBlock(block, 0, 0, 0, 0, 0, 0);
  expect(hex()).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  const ones = 0xffffffff;
  philoxBlock(block, ones, ones, ones, ones, ones, ones);
  expect(hex()).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
  philoxBlock(block, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
  expect(hex()).toBe('d16cfe09 94fdcceb 5001e420 24126ea1');
});

test('a shorter draw is the beginning of a longer one', () => {
  const long = new Float64Array(11);
  const short = new Float64Array(11);
  fillUniform(long, 11, 5, 6, 7);
  for (let count = 0; count <= 11; count++) {
    short.fill(-1);
    fillUniform(short, count, 5, 6, 7);
    expect([...short.subarray(0, count)]).toEqual([...long.subarray(0, count)]);
    expect([...short.subarray(count)].every((value) => value === -1)).toBe(true);
  }
});

test('derived seeds are safe integers, all different, also for negative and large seeds', () => {
  const seeds = [0, 1, -1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const derived = seeds.flatMap((seed) => [0, 1, 2].map((part) => deriveCounterSeed(seed, part)));
  expect(new Set(derived).size).toBe(derived.length);
  expect(derived.every(Number.isSafeInteger)).toBe(true);
});
