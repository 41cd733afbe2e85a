import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** What a stream is for. Streams of different purposes never meet, whatever their seeds. */
export type Purpose = 'shuffle' | 'split' | 'digits' | 'digit-classes';

const purposes: Readonly<Record<Purpose, number>> = {
  shuffle: 0x51_0b,
  split: 0x5a_17,
  digits: 0xd1_61,
  'digit-classes': 0xd1_c5,
};

/**
 * The random stream of (seed, purpose, counter). Each step below can be undone, so different keys give different
 * 128-bit states: no two streams are the same. `mix` (C. Wellons, 'hash prospector', lowbias32) makes those of
 * neighbouring seeds and counters unrelated.
 */
export function randomStream(seed: number, purpose: Purpose, counter: number): RandomGenerator {
  let s0 = mix(seed);
  let s1 = mix(counter ^ s0);
  let s2 = mix(Math.floor(counter / 2 ** 32) ^ s1);
  const s3 = mix(purposes[purpose] ^ s2);
  s0 = mix(s0 ^ s3);
  s1 = mix(s1 ^ s0);
  s2 = mix(s2 ^ s1);
  // The generator would stand still at 0, which one key in 2^128 may give.
  return xoroshiro128plusFromState((s0 | s1 | s2 | s3) === 0 ? [1, 0, 0, 0] : [s0, s1, s2, s3]);
}

/** Uniform in 0 to 1, 24 bits. */
export function uniform(random: RandomGenerator): number {
  return (random.next() >>> 8) / 2 ** 24;
}

/** Fisher-Yates, in place. */
export function shuffle(values: Uint32Array, random: RandomGenerator): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    const value = values[i]!;
    values[i] = values[j]!;
    values[j] = value;
  }
}

function mix(value: number): number {
  let x = (value + 0x9e37_79b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97);
  return x ^ (x >>> 15);
}
