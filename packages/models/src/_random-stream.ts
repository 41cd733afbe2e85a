import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** An independent stream for every (seed, purpose): both are hashed into the generator's 128 bits of state. */
export function randomStream(seed: number, purpose: string): RandomGenerator {
  const low = seed | 0;
  const high = Math.floor(seed / 2 ** 32) | 0;
  const state = [1, 2, 3, 4].map((word) => {
    let hash = mix(mix(mix(0x9e3779b9, word), low), high);
    for (let i = 0; i < purpose.length; i++) hash = mix(hash, purpose.charCodeAt(i));
    return hash;
  });
  return xoroshiro128plusFromState(state);
}

/** One round of murmur3's finaliser: every bit of both inputs reaches every bit of the result. */
function mix(hash: number, value: number): number {
  let mixed = (hash ^ value) + 0x6d2b79f5;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
