import ndarray from 'ndarray';
import { readMembers } from './_read-probabilities.js';
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
  const { count, classCount } = members[0]!;
  const sums = new Float64Array(count * classCount);
  for (const { data } of members) {
    for (let i = 0; i < sums.length; i++) sums[i]! += data[i]!;
  }
  const means = new Float32Array(sums.length);
  for (let i = 0; i < sums.length; i++) means[i] = sums[i]! / members.length;
  return ndarray(means, [count, classCount]);
}
