import ndarray from 'ndarray';
import { type Rows, readMembers } from './_read-probabilities.js';
import type { Probabilities } from './classifier.js';

/**
 * The committee rule of the original experiment: the mean of the members' softmax outputs. Summed in float64 in the
 * order given, then divided by the number of members and rounded to float32.
 *
 * @param probabilities one [count, classes] a member, all of the same images
 * @returns float32, [count, classes]
 */
export function softVote(probabilities: readonly Probabilities[]): Probabilities {
  const members = readMembers(probabilities);
  return weightedMean(
    members,
    members.map(() => 1),
  );
}

/** sum(w_i p_i) / sum(w_i); each member was looked through before. */
export function weightedMean(members: readonly Rows[], weights: readonly number[]): Probabilities {
  const { count, classCount } = members[0]!;
  const sums = new Float64Array(count * classCount);
  members.forEach(({ data }, member) => {
    const weight = weights[member]!;
    for (let i = 0; i < sums.length; i++) sums[i]! += weight * data[i]!;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const means = new Float32Array(sums.length);
  for (let i = 0; i < sums.length; i++) means[i] = sums[i]! / total;
  return ndarray(means, [count, classCount]);
}
