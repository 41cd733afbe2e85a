import type { Probabilities } from '@mnist/ensemble';
import { stream, uniformInteger } from '@mnist/kit';

/** Two nets of one recipe that left out the same block of training images, and what they say about it. */
export interface HeldOutPair {
  /** Pairs of the same number share block, initial weights and order of the images, whatever the recipe. */
  readonly pair: number;
  readonly labels: Uint8Array;
  readonly probabilities: readonly [Probabilities, Probabilities];
}

export interface RecipeArm {
  readonly name: string;
  readonly pairs: readonly HeldOutPair[];
}

/** How well a recipe does on images that its nets never saw. Losses are negative log-likelihoods in nats an image. */
export interface RecipeScore {
  readonly name: string;
  readonly pairs: number;
  /** Mean errors of one net, in ten thousand images. */
  readonly netErrors: number;
  readonly netLoss: number;
  /** Of the mean of two nets' probabilities. */
  readonly pairErrors: number;
  readonly pairLoss: number;
  /** Of the normalised geometric mean of two nets' probabilities. */
  readonly geometricPairLoss: number;
  /** Against the first recipe, over the pairs that both have; undefined for the first recipe itself. */
  readonly difference?: LossDifference;
}

interface LossDifference {
  readonly pairs: number;
  /** Loss of this recipe minus loss of the first: below 0 is better. */
  readonly mean: number;
  /** 95 % of bootstrap samples of writers (runs of a hundred neighbouring images) lie within. */
  readonly lower: number;
  readonly upper: number;
  /** Standard error from pair to pair, which holds what the seeds do; undefined for a single pair. */
  readonly standardError?: number;
  /** `worse errors`: the loss is better, but a net makes more than three errors more in ten thousand. */
  readonly verdict: 'better' | 'worse' | 'no difference seen' | 'worse errors';
}

/** A probability of 0 would cost infinitely much; softmax outputs in float32 reach it. */
const floor = 1e-12;
const writerLength = 100;
const bootstrapSamples = 2000;

/**
 * Compares recipes by the negative log-likelihood of two-net averages on held-out training images: two nets rarely disagree about
 * what is right, so that errors alone cannot tell recipes apart that differ by less than 0.05 points.
 *
 * @param arms at least one; the first is the one that the others are compared with
 * @param seed of the bootstrap
 */
export function compareRecipes(arms: readonly RecipeArm[], seed = 1): RecipeScore[] {
  const scored = arms.map(({ name, pairs }) => ({
    name,
    pairs: new Map(pairs.map((one) => [one.pair, scorePair(one)])),
  }));
  const [base] = scored;
  return scored.map(({ name, pairs }) => {
    const all = [...pairs.values()];
    const score = {
      name,
      pairs: all.length,
      netErrors: mean(all.map(({ netErrors }) => netErrors)),
      netLoss: mean(all.map(({ netLoss }) => netLoss)),
      pairErrors: mean(all.map(({ pairErrors }) => pairErrors)),
      pairLoss: mean(all.map(({ losses }) => mean(losses))),
      geometricPairLoss: mean(all.map(({ geometricPairLoss }) => geometricPairLoss)),
    };
    if (pairs === base!.pairs) return score;
    const shared = [...pairs.keys()].filter((pair) => base!.pairs.has(pair));
    if (shared.length === 0) return score;
    const differences = shared.map((pair) => {
      const theirs = base!.pairs.get(pair)!.losses;
      return pairs.get(pair)!.losses.map((loss, image) => loss - theirs[image]!);
    });
    const moreErrors = mean(
      shared.map((pair) => pairs.get(pair)!.netErrors - base!.pairs.get(pair)!.netErrors),
    );
    return { ...score, difference: summarise(differences, moreErrors, seed) };
  });
}

function scorePair({ labels, probabilities: [first, second] }: HeldOutPair) {
  const count = labels.length;
  const classes = first.shape[1]!;
  const wrong = [0, 0, 0];
  const netLosses = [0, 0];
  const losses = new Float64Array(count);
  let geometric = 0;
  for (let image = 0; image < count; image++) {
    const label = labels[image]!;
    const best = [0, 0, 0];
    const value = (voter: number, k: number): number =>
      voter === 2
        ? (first.get(image, k) + second.get(image, k)) / 2
        : (voter === 0 ? first : second).get(image, k);
    let total = 0;
    for (let k = 0; k < classes; k++) {
      for (let voter = 0; voter < 3; voter++) {
        if (value(voter, k) > value(voter, best[voter]!)) best[voter] = k;
      }
      total += Math.sqrt(first.get(image, k) * second.get(image, k));
    }
    for (let voter = 0; voter < 3; voter++) if (best[voter] !== label) wrong[voter]!++;
    for (let voter = 0; voter < 2; voter++)
      netLosses[voter]! += -Math.log(Math.max(value(voter, label), floor)) / count;
    losses[image] = -Math.log(Math.max(value(2, label), floor));
    geometric +=
      -Math.log(Math.max(Math.sqrt(value(0, label) * value(1, label)) / Math.max(total, floor), floor)) /
      count;
  }
  const perTenThousand = (errors: number) => (errors * 10_000) / count;
  return {
    netErrors: perTenThousand((wrong[0]! + wrong[1]!) / 2),
    netLoss: mean(netLosses),
    pairErrors: perTenThousand(wrong[2]!),
    losses,
    geometricPairLoss: geometric,
  };
}

function summarise(differences: readonly Float64Array[], moreErrors: number, seed: number): LossDifference {
  const writers = differences.flatMap((images) =>
    Array.from({ length: Math.ceil(images.length / writerLength) }, (_, run) =>
      mean(images.subarray(run * writerLength, (run + 1) * writerLength)),
    ),
  );
  const random = stream(seed, 'bootstrap of recipes');
  const samples = Float64Array.from({ length: bootstrapSamples }, () => {
    let sum = 0;
    for (let i = 0; i < writers.length; i++) sum += writers[uniformInteger(random, 0, writers.length - 1)]!;
    return sum / writers.length;
  }).sort();
  const pairMeans = differences.map(mean);
  const centre = mean(pairMeans);
  const standardError =
    pairMeans.length > 1
      ? Math.sqrt(
          pairMeans.reduce((sum, value) => sum + (value - centre) ** 2, 0) /
            (pairMeans.length * (pairMeans.length - 1)),
        )
      : undefined;
  const lower = samples[Math.floor(0.025 * bootstrapSamples)]!;
  const upper = samples[Math.ceil(0.975 * bootstrapSamples) - 1]!;
  const beyondSeeds = standardError === undefined || Math.abs(centre) >= 2 * standardError;
  const verdict =
    beyondSeeds && upper < 0
      ? moreErrors > 3
        ? 'worse errors'
        : 'better'
      : beyondSeeds && lower > 0
        ? 'worse'
        : 'no difference seen';
  return { pairs: differences.length, mean: centre, lower, upper, standardError, verdict };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
