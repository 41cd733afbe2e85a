import { integer } from '@mnist/kit';
import { options } from './_options.js';

/**
 * Seed of one net: SplitMix32, that is a Weyl sequence that starts at the mixed population seed, mixed again by
 * the finaliser of MurmurHash3. Both steps are bijections of 32 bits, so no two nets of a population share a seed;
 * a stream of the kit could promise that of few nets only. Part of the folder's format: config.json holds the result.
 *
 * @param populationSeed integer, 0 to 2^32 - 1
 * @param index number of the net, from 0
 * @returns uint32
 */
export function memberSeed(populationSeed: number, index: number): number {
  const uint32 = integer({ min: 0, max: 0xffff_ffff });
  options.require('memberSeed', 'seed', populationSeed, uint32);
  options.require('memberSeed', 'index', index, uint32);
  return mix((mix(populationSeed) + Math.imul(index, 0x9e37_79b9)) >>> 0);
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
