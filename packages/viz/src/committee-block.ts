import { mostProbable } from './_committee-vote.js';
import type { ImageArray } from './_images.js';
import { VizError } from './viz-error.js';

/** Class probabilities as plain data or as an ndarray: [count, classes]. Without `stride` and `offset` row-major. */
export interface ProbabilityArray {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  readonly offset?: number;
}

export interface CommitteeMember {
  readonly name: string;
  /** What this net says about every image of the test set: softmax outputs, [count, classes]. */
  readonly probabilities: ProbabilityArray;
}

/** How a net saw an image that it was shown in several ways. */
export interface ImageViews {
  /** Position in the test set. */
  readonly index: number;
  /** [views, height, width] or [views, height, width, 1]; floats are stretched from their least to their greatest value. */
  readonly images: ImageArray;
}

/**
 * A committee to play with: its nets with their errors, and its mistakes as pictures. In a page with scripts, nets can be
 * switched on and off while the errors are counted anew, and a picture opens large with every net's vote.
 * The vote is the mean of the probabilities.
 */
export interface CommitteeBlock {
  readonly kind: 'committee';
  /** The whole test set: [count, height, width] or [count, height, width, 1]. */
  readonly images: ImageArray;
  /** The true class of each image. */
  readonly labels: ArrayLike<number>;
  readonly members: readonly CommitteeMember[];
  /** By class index. Default: the index itself. */
  readonly classNames?: readonly string[];
  /** Augmented views of some images, shown where these are opened. */
  readonly views?: readonly ImageViews[];
  /** Pictures at most, the committee's own mistakes first. What has none is counted all the same. 0 to 5,000, default 400. */
  readonly limit?: number;
  readonly caption?: string;
}

/**
 * The images that at least one net gets wrong: the only ones on which a committee of these nets can err, since a class that is the
 * most probable one for each net is so for their mean.
 *
 * @returns positions in the test set, ascending
 * @throws VizError `INVALID_DATA`
 */
export function contestedImages({ members, labels }: Pick<CommitteeBlock, 'members' | 'labels'>): number[] {
  const tables = members.map((member, index) =>
    readProbabilities(`contestedImages: members[${index}]`, member, labels.length),
  );
  return contestedRows(tables, labels);
}

export function contestedRows(tables: readonly ProbabilityTable[], labels: ArrayLike<number>): number[] {
  return Array.from(labels, (label, index) => ({ label, index }))
    .filter(({ label, index }) => tables.some((table) => mostProbable(table.row(index)) !== label))
    .map(({ index }) => index);
}

export interface ProbabilityTable {
  readonly classes: number;
  readonly row: (index: number) => Float32Array;
}

/** Rows of one net, checked. */
export function readProbabilities(where: string, member: CommitteeMember, count: number): ProbabilityTable {
  const { data, shape, stride, offset = 0 } = member?.probabilities ?? ({} as Partial<ProbabilityArray>);
  const [rows, classes] = Array.isArray(shape) && shape.length === 2 ? (shape as number[]) : [];
  if (data === undefined || rows !== count || !(Number.isInteger(classes) && classes! >= 2)) {
    throw new VizError(
      'INVALID_DATA',
      `${where}.probabilities has the shape [${String(shape)}]; expected [${count}, classes], a row for each label.`,
    );
  }
  const [down, across] = stride ?? [classes!, 1];
  const row = (index: number) =>
    Float32Array.from({ length: classes! }, (_, k) => data[offset + index * down! + k * across!]!);
  for (let index = 0; index < count; index++) {
    const wrong = row(index).findIndex((value) => !(value >= 0 && value <= 1.001));
    if (wrong >= 0) {
      throw new VizError(
        'INVALID_DATA',
        `${where}.probabilities[${index}][${wrong}] is ${String(row(index)[wrong])}; expected a probability from 0 to 1.`,
      );
    }
  }
  return { classes: classes!, row };
}
