import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * A stream of committees: each draws `size` of `population` members without replacement, every subset equally likely
 * (a partial Fisher-Yates shuffle), numbers ascending. The first n committees do not depend on how many are drawn.
 */
export function* drawCommittees(population: number, size: number, seed: number): Generator<number[], never> {
  // The golden-ratio multiple gives each size a stream of its own under the same seed.
  const random = xoroshiro128plus(seed ^ Math.imul(size, 0x9e3779b1));
  const deck = Array.from({ length: population }, (_, i) => i);
  for (;;) {
    for (let i = 0; i < size; i++) {
      const j = uniformInt(random, i, population - 1);
      const card = deck[j]!;
      deck[j] = deck[i]!;
      deck[i] = card;
    }
    yield deck.slice(0, size).sort((a, b) => a - b);
  }
}
