import { anything, integer, seed as seedCheck, stream, uniformInteger } from '@mnist/kit';
import { type CommitteeVote, committeeScorer, voteCheck } from './_committee-score.js';
import { type ContestedImages, findContested } from './_contested-images.js';
import { type AccuracyInterval, accuracyInterval, confidenceCheck } from './accuracy-interval.js';
import type { Labels, Probabilities } from './classifier.js';
import { check } from './ensemble-error.js';

export interface CommitteeTrialsOptions {
  /** One [count, classes] a trained net, all of the same images. */
  readonly probabilities: readonly Probabilities[];
  /** [count] */
  readonly labels: Labels;
  /** Nets in a committee, 1 to the size of the population. */
  readonly size: number;
  /** Committees to draw. Default 7, as in the original experiment. */
  readonly trials?: number;
  /** A whole number from 0. Default 0. The same seed draws the same committees. */
  readonly seed?: number;
  /** `soft` (default): mean of the probabilities. `hard`: majority, ties to the lowest class index. */
  readonly vote?: CommitteeVote;
  /** Of the interval. Default 0.95. */
  readonly confidence?: number;
}

/** One committee. */
export interface CommitteeTrial {
  /** Positions in `probabilities`, ascending. */
  readonly members: readonly number[];
  readonly correct: number;
  readonly errors: number;
  /** 0 to 1 */
  readonly accuracy: number;
}

/** What random committees of one size achieve. Accuracies are 0 to 1. */
export interface CommitteeTrials {
  readonly size: number;
  /** Nets that were drawn from. */
  readonly population: number;
  /** Images in the test. */
  readonly count: number;
  readonly seed: number;
  readonly vote: CommitteeVote;
  readonly trials: readonly CommitteeTrial[];
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Over the trials, n - 1 in the denominator; NaN for a single trial. */
  readonly standardDeviation: number;
  /**
   * Wilson interval of the mean accuracy, n = the number of test images: how far such a test set can tell. It does not
   * shrink with more trials, since they all see the same images.
   */
  readonly interval: AccuracyInterval;
}

type TrialOptions = Omit<CommitteeTrialsOptions, 'probabilities' | 'labels'>;

export const trialDefaults = {
  trials: 7,
  seed: 0,
  vote: 'soft',
  confidence: 0.95,
} as const satisfies Partial<TrialOptions>;

export const trialChecks = {
  probabilities: anything,
  labels: anything,
  trials: integer({ min: 1, max: 10_000_000 }),
  seed: seedCheck,
  vote: voteCheck,
  confidence: confidenceCheck,
};

/**
 * Draws random committees from a population, without replacement within a committee, and scores each.
 * A thousand committees of 35 from 250 trained nets on 10,000 images take a fraction of a second (bench/committees.mjs).
 */
export function committeeTrials(options: CommitteeTrialsOptions): CommitteeTrials {
  const where = 'committeeTrials';
  const complete = check.complete<Required<CommitteeTrialsOptions>>(where, options, trialDefaults, {
    ...trialChecks,
    size: anything,
  });
  const images = findContested(options.probabilities, options.labels);
  check.require(where, 'size', complete.size, integer({ min: 1, max: images.members }));
  return runTrials(images, complete);
}

/** The trials themselves, on a population that has been looked through once. */
export function runTrials(
  images: ContestedImages,
  { size, trials, seed, vote, confidence }: Required<TrialOptions>,
): CommitteeTrials {
  const score = committeeScorer(images, vote);
  const committees = drawCommittees(images.members, size, seed);
  const results: CommitteeTrial[] = [];
  let sum = 0;
  let fewest = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let trial = 0; trial < trials; trial++) {
    const members = committees.next().value;
    const correct = score(members);
    sum += correct;
    fewest = Math.min(fewest, correct);
    most = Math.max(most, correct);
    results.push({ members, correct, errors: images.count - correct, accuracy: correct / images.count });
  }
  const mean = sum / trials;
  const squares = results.reduce((total, { correct }) => total + (correct - mean) ** 2, 0);
  return {
    size,
    population: images.members,
    count: images.count,
    seed,
    vote,
    trials: results,
    mean: mean / images.count,
    min: fewest / images.count,
    max: most / images.count,
    standardDeviation: trials === 1 ? Number.NaN : Math.sqrt(squares / (trials - 1)) / images.count,
    interval: accuracyInterval(mean, images.count, { confidence }),
  };
}

/**
 * A stream of committees: each draws `size` of `population` members without replacement, every subset equally likely
 * (a partial Fisher-Yates shuffle), numbers ascending. The first n committees do not depend on how many are drawn.
 */
function* drawCommittees(population: number, size: number, seed: number): Generator<number[], never> {
  const random = stream(seed, 'committees', size);
  const deck = Array.from({ length: population }, (_, i) => i);
  for (;;) {
    for (let i = 0; i < size; i++) {
      const j = uniformInteger(random, i, population - 1);
      const card = deck[j]!;
      deck[j] = deck[i]!;
      deck[i] = card;
    }
    yield deck.slice(0, size).sort((a, b) => a - b);
  }
}
