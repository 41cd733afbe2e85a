import { oneOf } from '@mnist/kit';
import type { ContestedImages } from './_contested-images.js';

export const voteCheck = oneOf('soft', 'hard');

/** How a committee's members are combined. */
export type CommitteeVote = 'soft' | 'hard';

/**
 * Returns a function that counts the right answers of a committee (member numbers in ascending order). Equal to
 * `accuracy(softVote(members), labels).correct`, or of `hardVote(members)`, ties as documented there.
 */
export function committeeScorer(
  images: ContestedImages,
  vote: CommitteeVote,
): (members: ArrayLike<number>) => number {
  return vote === 'soft' ? softScorer(images) : hardScorer(images);
}

function softScorer(images: ContestedImages) {
  const { probabilities, labels, classCount, certainCorrect } = images;
  const sums = new Float64Array(labels.length * classCount);
  return (members: ArrayLike<number>): number => {
    sums.fill(0);
    addMembers(sums, probabilities, members);
    let correct = certainCorrect;
    for (let row = 0, at = 0; row < labels.length; row++, at += classCount) {
      let best = 0;
      let most = Math.fround(sums[at]! / members.length);
      for (let column = 1; column < classCount; column++) {
        const mean = Math.fround(sums[at + column]! / members.length);
        if (mean > most) {
          most = mean;
          best = column;
        }
      }
      if (best === labels[row]) correct++;
    }
    return correct;
  };
}

/** Adds the members in the order given, four a pass: the additions are the same, the running sums are loaded a quarter as often. */
function addMembers(
  sums: Float64Array,
  probabilities: readonly (Float32Array | Float64Array)[],
  members: ArrayLike<number>,
): void {
  let next = 0;
  for (; next + 4 <= members.length; next += 4) {
    const a = probabilities[members[next]!]!;
    const b = probabilities[members[next + 1]!]!;
    const c = probabilities[members[next + 2]!]!;
    const d = probabilities[members[next + 3]!]!;
    for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + a[i]! + b[i]! + c[i]! + d[i]!;
  }
  for (; next < members.length; next++) {
    const a = probabilities[members[next]!]!;
    for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + a[i]!;
  }
}

function hardScorer(images: ContestedImages) {
  const { probabilities, labels, classCount, certainCorrect } = images;
  const choices = probabilities.map((data) => {
    const leaders = new Uint16Array(labels.length);
    for (let row = 0, at = 0; row < labels.length; row++, at += classCount) {
      let best = 0;
      for (let column = 1; column < classCount; column++)
        if (data[at + column]! > data[at + best]!) best = column;
      leaders[row] = best;
    }
    return leaders;
  });
  const votes = new Int32Array(classCount);
  return (members: ArrayLike<number>): number => {
    let correct = certainCorrect;
    for (let row = 0; row < labels.length; row++) {
      votes.fill(0);
      for (let i = 0; i < members.length; i++) votes[choices[members[i]!]![row]!]!++;
      let best = 0;
      for (let column = 1; column < classCount; column++) if (votes[column]! > votes[best]!) best = column;
      if (best === labels[row]) correct++;
    }
    return correct;
  };
}
