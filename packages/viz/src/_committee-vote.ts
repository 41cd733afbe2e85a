import { formatPercent } from './_ticks.js';

/** What the nets of a committee say about some images. Shared by the report and by the script in its page. */
export interface MemberVotes {
  /** [images, members, classes] */
  readonly probabilities: Float32Array;
  readonly members: number;
  readonly classes: number;
}

/** Where the probabilities of one member for one image begin. */
export function votePosition({ members, classes }: MemberVotes, image: number, member: number): number {
  return (image * members + member) * classes;
}

/**
 * The mean of the probabilities of the members that vote: summed in float64 in their order and rounded to float32, as
 * `softVote` of @mnist/ensemble does it, so that a page counts the same errors. Undefined when none votes.
 */
export function meanVote(
  votes: MemberVotes,
  image: number,
  voting: readonly boolean[],
): Float32Array | undefined {
  const sums = new Float64Array(votes.classes);
  let voters = 0;
  for (let member = 0; member < votes.members; member++) {
    if (!voting[member]) continue;
    voters++;
    const at = votePosition(votes, image, member);
    for (let k = 0; k < votes.classes; k++) sums[k]! += votes.probabilities[at + k]!;
  }
  return voters === 0 ? undefined : Float32Array.from(sums, (sum) => sum / voters);
}

/** The most probable class; of equal ones the lowest, as NumPy's argmax. */
export function mostProbable(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < probabilities.length; k++) if (probabilities[k]! > probabilities[best]!) best = k;
  return best;
}

/** What one member says about one image: [classes]. */
export function memberVote(votes: MemberVotes, image: number, member: number): Float32Array {
  const at = votePosition(votes, image, member);
  return votes.probabilities.subarray(at, at + votes.classes);
}

/** The class that one member chooses. */
export function choiceOf(votes: MemberVotes, image: number, member: number): number {
  return mostProbable(memberVote(votes, image, member));
}

/** What a committee achieves, in one line. */
export function tally(voters: number, members: number, errors: number, count: number): string {
  const who = voters === members ? `All ${members} nets vote` : `${voters} of ${members} nets vote`;
  const what = errors === 1 ? '1 error' : `${errors.toLocaleString('en-US')} errors`;
  return `${who}: <strong>${what}</strong> in ${count.toLocaleString('en-US')} images, ${formatPercent(1 - errors / count).replace(' ', '\u00a0')} right.`;
}
