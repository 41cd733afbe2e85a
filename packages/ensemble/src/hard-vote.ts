import ndarray from 'ndarray';
import { checkOptions } from './_check-options.js';
import { readMembers } from './_read-probabilities.js';
import { readWeights } from './_read-weights.js';
import type { Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';
import { predictedClasses } from './predicted-classes.js';

/**
 * Who wins when two classes have the same number of votes.
 * - `lowestClass`: the lower class index, as scikit-learn's `VotingClassifier(voting='hard')` decides.
 * - `meanProbability`: the class with the larger (weighted) mean probability.
 */
export type TieBreak = 'lowestClass' | 'meanProbability';

export interface HardVoteOptions {
  /** How much each member's vote counts. Default: 1 each. */
  readonly weights?: readonly number[];
  /** Default `lowestClass`. */
  readonly tieBreak?: TieBreak;
}

/**
 * Each member casts one vote for its most probable class. The result is the share of the votes, a distribution whose
 * most probable class is the winner.
 *
 * With `tieBreak: 'meanProbability'`, the losers of a tie hand a thousandth of their share to its winner, so that the
 * largest share is the decision and the row still sums to 1. Rows without a tie for the lead are plain shares.
 *
 * @param probabilities one [count, classes] a member, all of the same images
 * @returns float32, [count, classes]
 */
export function hardVote(
  probabilities: readonly Probabilities[],
  options: HardVoteOptions = {},
): Probabilities {
  checkOptions('hardVote', options, ['weights', 'tieBreak']);
  const { tieBreak = 'lowestClass' } = options;
  if (tieBreak !== 'lowestClass' && tieBreak !== 'meanProbability') {
    throw new EnsembleError(
      'INVALID_OPTION',
      `tieBreak is ${String(tieBreak)}; expected 'lowestClass' or 'meanProbability'.`,
    );
  }
  const members = readMembers(probabilities);
  const weights = options.weights ? readWeights(options.weights, members.length) : members.map(() => 1);
  const { count, classCount } = members[0]!;
  const votes = new Float64Array(count * classCount);
  const means = new Float64Array(tieBreak === 'meanProbability' ? votes.length : 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  members.forEach(({ data }, member) => {
    const weight = weights[member]!;
    const classes = predictedClasses(probabilities[member]!);
    for (let row = 0; row < count; row++) votes[row * classCount + classes[row]!]! += weight;
    for (let i = 0; i < means.length; i++) means[i]! += (weight * data[i]!) / total;
  });
  const shares = new Float32Array(votes.length);
  if (tieBreak === 'lowestClass') {
    for (let i = 0; i < shares.length; i++) shares[i] = votes[i]! / total;
  } else {
    breakTies(votes, means, shares, classCount, total);
  }
  return ndarray(shares, [count, classCount]);
}

/** Only a row whose lead is shared is touched: the mean probability moves its leaders apart by less than one vote. */
function breakTies(
  votes: Float64Array,
  means: Float64Array,
  shares: Float32Array,
  classCount: number,
  total: number,
): void {
  for (let at = 0; at < votes.length; at += classCount) {
    let most = 0;
    for (let column = 0; column < classCount; column++) most = Math.max(most, votes[at + column]!);
    const nearlyMost = most - total * 1e-9;
    let winner = -1;
    let leaders = 0;
    for (let column = 0; column < classCount; column++) {
      if (votes[at + column]! < nearlyMost) continue;
      leaders++;
      if (winner < 0 || means[at + column]! > means[at + winner]!) winner = column;
    }
    for (let column = 0; column < classCount; column++) shares[at + column] = votes[at + column]! / total;
    if (leaders < 2) continue;
    // The other leaders hand over a thousandth of a share each, so that the row still sums to 1.
    const gift = (most / total) * 1e-3;
    for (let column = 0; column < classCount; column++) {
      if (column === winner) shares[at + column] = votes[at + column]! / total + gift * (leaders - 1);
      else if (votes[at + column]! >= nearlyMost) shares[at + column] = votes[at + column]! / total - gift;
    }
  }
}
