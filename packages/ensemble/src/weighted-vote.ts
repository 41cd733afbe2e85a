import { readMembers } from './_read-probabilities.js';
import { readWeights } from './_read-weights.js';
import type { Probabilities } from './classifier.js';
import { weightedMean } from './soft-vote.js';

/**
 * The weighted mean of the members' probabilities: sum(w_i p_i) / sum(w_i), summed in float64 in the order given.
 *
 * @param probabilities one [count, classes] a member, all of the same images
 * @param weights one a member; finite, none negative, not all 0; they need not sum to 1
 * @returns float32, [count, classes]
 */
export function weightedVote(
  probabilities: readonly Probabilities[],
  weights: readonly number[],
): Probabilities {
  const members = readMembers(probabilities);
  return weightedMean(members, readWeights('weightedVote', weights, members.length));
}
