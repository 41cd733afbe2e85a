import { anything, integer, oneOf, text } from '@mnist/kit';
import type { NdArray } from 'ndarray';
import { readWeights } from './_read-weights.js';
import type { Classifier, Probabilities } from './classifier.js';
import { check, EnsembleError } from './ensemble-error.js';
import { hardVote, type TieBreak, tieBreakCheck } from './hard-vote.js';
import { softVote } from './soft-vote.js';
import { weightedVote } from './weighted-vote.js';

export interface VotingClassifierOptions {
  /** `soft` (default): mean of the members' probabilities, as in the original. `hard`: share of the votes. */
  readonly voting?: 'soft' | 'hard';
  /** How much each member counts, in soft and in hard voting. Default: all the same. */
  readonly weights?: readonly number[];
  /** For hard voting. Default `lowestClass`. */
  readonly tieBreak?: TieBreak;
  /** Default: for example "committee of 35 (soft vote)". */
  readonly name?: string;
  /** Members asked at the same time. Default 1. The result does not depend on it. */
  readonly concurrency?: number;
}

/**
 * A committee of classifiers. It is a classifier itself, so committees may be members of committees.
 *
 * @throws EnsembleError `NO_DATA` without members, `SHAPE_MISMATCH` if they differ in their number of classes
 */
export class VotingClassifier implements Classifier {
  readonly name: string;
  readonly classCount: number;
  readonly members: readonly Classifier[];
  readonly #options: VotingClassifierOptions & { concurrency: number };

  constructor(members: readonly Classifier[], options: VotingClassifierOptions = {}) {
    const where = 'VotingClassifier';
    const complete = check.complete<VotingClassifierOptions & { concurrency: number }>(
      where,
      options,
      { voting: 'soft', concurrency: 1 },
      {
        voting: oneOf('soft', 'hard'),
        weights: anything,
        tieBreak: tieBreakCheck,
        name: text,
        concurrency: integer({ min: 1 }),
      },
    );
    const { voting, weights, tieBreak } = complete;
    if (!Array.isArray(members) || members.length === 0) {
      throw new EnsembleError('NO_DATA', 'VotingClassifier: no members; pass at least one classifier.');
    }
    if (tieBreak !== undefined && voting === 'soft') {
      throw new EnsembleError(
        'INVALID_OPTION',
        "tieBreak is for voting: 'hard'; a soft vote has no use for it.",
      );
    }
    if (weights) readWeights(where, weights, members.length);
    const [first] = members as [Classifier];
    for (const member of members as readonly Classifier[]) {
      if (member.classCount !== first.classCount) {
        throw new EnsembleError(
          'SHAPE_MISMATCH',
          `VotingClassifier: "${member.name}" has ${member.classCount} classes, "${first.name}" has ${first.classCount}; members must share their classes.`,
        );
      }
    }
    this.members = [...members];
    this.classCount = first.classCount;
    const weighted = weights ? 'weighted ' : '';
    this.name = options.name ?? `committee of ${members.length} (${weighted}${voting} vote)`;
    this.#options = complete;
  }

  /** @param images float32, NHWC [count, height, width, channels] */
  async classify(images: NdArray<Float32Array>): Promise<Probabilities> {
    const { voting, weights, tieBreak } = this.#options;
    const probabilities = await this.memberProbabilities(images);
    if (voting === 'hard') return hardVote(probabilities, { weights, tieBreak });
    return weights ? weightedVote(probabilities, weights) : softVote(probabilities);
  }

  /** Each member's probabilities, in the order of `members`. */
  async memberProbabilities(images: NdArray<Float32Array>): Promise<Probabilities[]> {
    const results = new Array<Probabilities>(this.members.length);
    let next = 0;
    const ask = async (): Promise<void> => {
      while (next < this.members.length) {
        const member = next++;
        results[member] = await this.members[member]!.classify(images);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#options.concurrency, this.members.length) }, ask));
    return results;
  }
}
