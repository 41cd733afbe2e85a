import ndarray from 'ndarray';
import { readMembers } from './_read-probabilities.js';
import { readWeights } from './_read-weights.js';
import type { Probabilities } from './classifier.js';

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
  const factors = readWeights(weights, members.length);
  const { count, classCount } = members[0]!;
  const sums = new Float64Array(count * classCount);
  let total = 0;
  members.forEach(({ data }, member) => {
    const factor = factors[member]!;
    total += factor;
    for (let i = 0; i < sums.length; i++) sums[i]! += factor * data[i]!;
  });
  const means = new Float32Array(sums.length);
  for (let i = 0; i < sums.length; i++) means[i] = sums[i]! / total;
  return ndarray(means, [count, classCount]);
}
