import { readLabels } from './_read-labels.js';
import { badRow, type Rows, readMembers, readRows } from './_read-probabilities.js';
import type { Labels, Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';

/**
 * The least lead that makes an image certain. See `findContested` for why this value and not 0.
 */
const CERTAIN_LEAD = 2 ** -22;

/** A population's probabilities, with the images that no committee can decide otherwise set aside. */
export interface ContestedImages {
  readonly members: number;
  /** All images. */
  readonly count: number;
  readonly classCount: number;
  /** Right answers among the images that are the same for every committee. */
  readonly certainCorrect: number;
  /** Labels of the contested images. */
  readonly labels: Uint16Array;
  /** For each member its probabilities of the contested images, [contested * classes]. */
  readonly probabilities: readonly (Float32Array | Float64Array)[];
}

/**
 * Most images are certain: every net gives the most to the same class, so every committee does. They are counted once
 * and never summed again, and nothing is approximated:
 *
 * If p_c - p_j > 2^-22 in every member then the exact mean has the same lead. Summing k float32 values in float64
 * errs by at most k^2 2^-53 and the division by another 2^-53, far below 2^-22 for any k up to 10,000. Rounding the
 * mean to float32 moves each value by at most 2^-25 (values are at most 1). So class c still leads strictly, and
 * the answer is what `predictedClasses(softVote(committee))` gives. Images with a smaller lead are contested.
 */
export function findContested(population: readonly Probabilities[], labels: Labels): ContestedImages {
  const members = readMembers(population, 'probabilities', readRows);
  const { count, classCount } = members[0]!;
  if (count === 0) throw new EnsembleError('NO_DATA', 'probabilities: no images; pass at least one.');
  const truth = readLabels(labels, count, classCount);

  // The class that all members so far lead with, or -1.
  const common = new Int32Array(count);
  members.forEach((rows, member) => {
    keepCommon(rows, member === 0, common, `probabilities[${member}]`);
  });

  const contested: number[] = [];
  let certainCorrect = 0;
  for (let row = 0; row < count; row++) {
    if (common[row] === -1) contested.push(row);
    else if (common[row] === truth[row]) certainCorrect++;
  }
  const probabilities = members.map(({ data }) => {
    const packed =
      data instanceof Float64Array
        ? new Float64Array(contested.length * classCount)
        : new Float32Array(contested.length * classCount);
    contested.forEach((row, i) => {
      const from = row * classCount;
      for (let column = 0; column < classCount; column++)
        packed[i * classCount + column] = data[from + column]!;
    });
    return packed;
  });
  return {
    members: members.length,
    count,
    classCount,
    certainCorrect,
    labels: Uint16Array.from(contested, (row) => truth[row]!),
    probabilities,
  };
}

/** One pass over a member: checks each row and strikes out the images on which it does not clearly lead with the same class. */
function keepCommon(rows: Rows, isFirst: boolean, common: Int32Array, path: string): void {
  const { data, count, classCount } = rows;
  for (let row = 0, at = 0; row < count; row++) {
    let best = -1;
    let most = -1;
    let second = -1;
    let least = 0;
    let sum = 0;
    for (let column = 0; column < classCount; column++, at++) {
      const value = data[at]!;
      sum += value;
      if (value > most) {
        second = most;
        most = value;
        best = column;
      } else if (value > second) second = value;
      if (value < least) least = value;
    }
    if (!(Math.abs(sum - 1) <= 5e-3 && least >= 0)) throw badRow(rows, row, path);
    const leader = most - second > CERTAIN_LEAD ? best : -1;
    if (isFirst) common[row] = leader;
    else if (common[row] !== leader) common[row] = -1;
  }
}
