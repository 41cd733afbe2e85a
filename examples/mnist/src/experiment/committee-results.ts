import type { ImageDataset } from '@mnist/dataset';
import {
  type AccuracyInterval,
  accuracy,
  accuracyInterval,
  type CommitteeCurve,
  type ConfusionMatrix,
  committeeCurve,
  confusionMatrix,
  type Mistake,
  misclassified,
  type Probabilities,
  softVote,
} from '@mnist/ensemble';
import type { Population } from '@mnist/population';
import ndarray from 'ndarray';

interface MemberResultSummary {
  readonly index: number;
  readonly accuracy: number;
  readonly errors: number;
}

/** What a population achieves as one committee of all its nets, and as smaller ones. */
export interface CommitteeResults {
  readonly count: number;
  readonly members: readonly MemberResultSummary[];
  /** Mean of the members' own accuracies, 0 to 1. */
  readonly meanAccuracy: number;
  /** The vote of all members. */
  readonly accuracy: number;
  readonly errors: number;
  /** Wilson, 95 %. */
  readonly interval: AccuracyInterval;
  readonly curve: CommitteeCurve;
  readonly confusion: ConfusionMatrix;
  readonly mistakes: readonly Mistake[];
  /** What each member says about each test image, in the order of `members`. */
  readonly probabilities: readonly Probabilities[];
}

/** Reads the stored probabilities of a population's nets, checked against the labels. */
export async function readProbabilities(
  population: Population,
  labels: Uint8Array,
): Promise<Probabilities[]> {
  const all: Probabilities[] = [];
  for (const member of population.members) {
    const { data, shape } = await member.readProbabilities(labels);
    all.push(ndarray(data, [...shape]));
  }
  return all;
}

/** Lets all nets of a population vote. */
export async function evaluateCommittee(
  population: Population,
  test: ImageDataset,
): Promise<CommitteeResults> {
  const labels = Uint8Array.from(
    test.labels.data.subarray(test.labels.offset, test.labels.offset + test.labels.shape[0]!),
  );
  const probabilities = await readProbabilities(population, labels);
  const members = population.members.map(({ index }, position) => {
    const { accuracy: share, errors } = accuracy(probabilities[position]!, labels);
    return { index, accuracy: share, errors };
  });
  const vote = softVote(probabilities);
  const result = accuracy(vote, labels);
  return {
    count: result.count,
    members,
    meanAccuracy: members.reduce((sum, member) => sum + member.accuracy, 0) / members.length,
    accuracy: result.accuracy,
    errors: result.errors,
    interval: accuracyInterval(result.correct, result.count),
    curve: committeeCurve({ probabilities, labels }),
    confusion: confusionMatrix(vote, labels),
    mistakes: misclassified(vote, labels, { members: probabilities, order: 'margin' }),
    probabilities,
  };
}

/** '99.64 % (95 % interval 99.50 to 99.74, n = 10,000)' */
export function accuracyWithInterval({
  accuracy: share,
  interval,
  count,
}: Pick<CommitteeResults, 'accuracy' | 'interval' | 'count'>): string {
  const percent = (value: number) => (value * 100).toFixed(2);
  return `${percent(share)} % (95 % interval ${percent(interval.lower)} to ${percent(interval.upper)}, n = ${count.toLocaleString('en-US')})`;
}
