import { type RandomGenerator, uniform } from '@mnist/kit';

/** The chances of one digit: a random stream with the draws that shapes are made of. */
export class Hand {
  constructor(private readonly random: RandomGenerator) {}

  /** Uniform in low to high. */
  between(low: number, high: number): number {
    return low + (high - low) * uniform(this.random);
  }

  /** True this often, 0 to 1. */
  chance(probability: number): boolean {
    return uniform(this.random) < probability;
  }

  /**
   * Bell-shaped, mean 0, standard deviation 1, within -3 to 3: the sum of three uniform draws. No logarithm or cosine,
   * whose last bits differ between JavaScript engines.
   */
  bell(): number {
    return 2 * (uniform(this.random) + uniform(this.random) + uniform(this.random)) - 3;
  }
}
