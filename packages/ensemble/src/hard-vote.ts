import { oneOf } from '@mnist/kit';
import ndarray from 'ndarray';
import { readMembers } from './_read-probabilities.js';
import { readWeights } from './_read-weights.js';
import type { Probabilities } from './classifier.js';
import { check } from './ensemble-error.js';
import { leadingClasses } from './predicted-classes.js';

/**
 * Who wins when two classes have the same number of votes.
 * - `lowestClass`: the lower class index, as scikit-learn's `VotingClassifier(voting='hard')` decides.
 * - `meanProbability`: the class with the larger (weighted) mean probability.
 */
export type TieBreak = 'lowestClass' | 'meanProbability';

export const tieBreakCheck = oneOf('lowestClass', 'meanProbability');

export interface HardVoteOptions {
  /** How much each member's vote counts. Default: 1 each. */
  readonly weights?: readonly number[];
  /** Default `lowestClass`. */
  readonly tieBreak?: TieBreak;
}

/** Shares of the votes that differ by less are a tie: float64 sums of 0.1 and 0.2 are not exactly 0.3. */
const TIE = 1e-12;

/**
 * Each member casts one vote for its most probable class. The result is the share of the votes, a distribution whose
 * most probable class is the winner, also where its lead is too small for a float32.
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
  const where = 'hardVote';
  const { tieBreak, weights: given } = check.complete<HardVoteOptions>(
    where,
    options,
    { tieBreak: 'lowestClass' },
    { tieBreak: tieBreakCheck, weights: () => undefined },
  );
  const members = readMembers(probabilities);
  const weights = given ? readWeights(where, given, members.length) : members.map(() => 1);
  const { count, classCount } = members[0]!;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const votes = new Float64Array(count * classCount);
  const means = new Float64Array(tieBreak === 'meanProbability' ? votes.length : 0);
  members.forEach((rows, member) => {
    const weight = weights[member]!;
    const classes = leadingClasses(rows);
    for (let row = 0; row < count; row++) votes[row * classCount + classes[row]!]! += weight;
    for (let i = 0; i < means.length; i++) means[i]! += (weight * rows.data[i]!) / total;
  });
  for (let i = 0; i < votes.length; i++) votes[i]! /= total;
  const shares = Float32Array.from(votes);
  for (let at = 0; at < votes.length; at += classCount) {
    decide(
      votes.subarray(at, at + classCount),
      means.subarray(at, at + classCount),
      shares.subarray(at, at + classCount),
    );
  }
  return ndarray(shares, [count, classCount]);
}

/** Makes the winner of one row the class that `shares` says: the first of the largest. */
function decide(votes: Float64Array, means: Float64Array, shares: Float32Array): void {
  const most = votes.reduce((largest, vote) => Math.max(largest, vote), 0);
  let winner = -1;
  let leaders = 0;
  for (let column = 0; column < votes.length; column++) {
    if (votes[column]! < most - TIE) continue;
    leaders++;
    if (winner < 0 || means[column]! > means[winner]!) winner = column;
  }
  if (leaders > 1 && means.length > 0) {
    const gift = most * 1e-3;
    for (let column = 0; column < votes.length; column++) {
      if (column === winner) shares[column] = votes[column]! + gift * (leaders - 1);
      else if (votes[column]! >= most - TIE) shares[column] = votes[column]! - gift;
    }
  }
  // Rounding may have made a loser equal, or a tied one larger.
  const limit = shares[winner]!;
  for (let column = 0; column < votes.length; column++) {
    if (column !== winner && shares[column]! >= limit)
      shares[column] = column < winner ? nextBelow(limit) : limit;
  }
}

/** The largest float32 below a positive one. */
function nextBelow(value: number): number {
  const float = Float32Array.of(value);
  new Uint32Array(float.buffer)[0]! -= 1;
  return float[0]!;
}
