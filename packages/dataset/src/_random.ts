import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** What a stream is for. Streams of different purposes never meet, whatever their seeds. */
export type Purpose = 'shuffle' | 'split' | 'digits';

const purposes: Readonly<Record<Purpose, number>> = { shuffle: 0x51_0b, split: 0x5a_17, digits: 0xd1_61 };

/**
 * The random stream of (seed, purpose, counter). Neighbouring seeds and counters give unrelated streams, since both
 * go through a 32-bit finaliser (C. Wellons, 'hash prospector', lowbias32) before they seed the generator.
 */
export function randomStream(seed: number, purpose: Purpose, counter: number): RandomGenerator {
  let hash = mix(seed >>> 0);
  hash = mix(hash ^ purposes[purpose]);
  hash = mix((hash + Math.floor(counter / 2 ** 32)) >>> 0);
  hash = mix(hash ^ (counter >>> 0));
  return xoroshiro128plus(hash | 0);
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
  let x = (value + 0x9e37_79b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
