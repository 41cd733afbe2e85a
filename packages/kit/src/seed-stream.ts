import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

export type { RandomGenerator };

/**
 * The random stream of (seed, purpose, coordinates): the only place where a seed becomes numbers. Every part is hashed into
 * all 128 bits of the generator's state, so that neighbouring seeds, purposes and coordinates give unrelated streams.
 *
 * @param seed any safe integer
 * @param purpose what the numbers are for: 'shuffle', 'weights of conv1'
 * @param coordinates safe integers that tell uses of one purpose apart: an epoch, a step, an index
 */
export function stream(seed: number, purpose: string, ...coordinates: readonly number[]): RandomGenerator {
  const state = [1, 2, 3, 4].map((word) => hash(word, seed, purpose, coordinates));
  // The generator would stand still at 0, which one key in 2^128 may give.
  return xoroshiro128plusFromState(state.every((word) => word === 0) ? [1, 0, 0, 0] : state);
}

/** A seed for somebody else, of the same parts as a stream: uint32. */
export function deriveSeed(seed: number, purpose: string, ...coordinates: readonly number[]): number {
  return hash(5, seed, purpose, coordinates) >>> 0;
}

/** Uniform in [0, 1), 24 bits (as many as a float32 holds). The low bits of xoroshiro128+ are weak. */
export function uniform(random: RandomGenerator): number {
  return (random.next() >>> 8) / 2 ** 24;
}

/** A whole number from `low` to `high`, both included, each equally likely. */
export function uniformInteger(random: RandomGenerator, low: number, high: number): number {
  return uniformInt(random, low, high);
}

/** Fisher-Yates, in place: every order is equally likely. */
export function shuffle(
  values: { [index: number]: number; readonly length: number },
  random: RandomGenerator,
): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    const value = values[i]!;
    values[i] = values[j]!;
    values[j] = value;
  }
}

function hash(word: number, seed: number, purpose: string, coordinates: readonly number[]): number {
  let result = mix(mix(mix(0x9e3779b9, word), low(seed)), high(seed));
  for (let i = 0; i < purpose.length; i++) result = mix(result, purpose.charCodeAt(i));
  for (const coordinate of coordinates) result = mix(mix(result, low(coordinate)), high(coordinate));
  return result;
}

const low = (value: number): number => value | 0;
const high = (value: number): number => Math.floor(value / 2 ** 32) | 0;

/** One round of murmur3's finaliser (A. Appleby): every bit of both inputs reaches every bit of the result. */
function mix(state: number, value: number): number {
  let mixed = (state ^ value) + 0x6d2b79f5;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
