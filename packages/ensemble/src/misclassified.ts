import { anything, oneOf } from '@mnist/kit';
import { readLabels } from './_read-labels.js';
import { readProbabilities } from './_read-probabilities.js';
import type { Labels, Probabilities } from './classifier.js';
import { check, EnsembleError } from './ensemble-error.js';
import { leadingClasses, predictedClasses } from './predicted-classes.js';

/** An image that was taken for another class. */
export interface Mistake {
  /** Row in the probabilities, position in the data set. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** Probability of the predicted class, 0 to 1. */
  readonly confidence: number;
  /** Probability of the true class, 0 to 1. */
  readonly labelProbability: number;
  /** `confidence - labelProbability`: how far the decision is from right. Near 0: a close call. */
  readonly margin: number;
  /** With `members`: how many of them chose each class, [classes]. */
  readonly votes?: readonly number[];
}

export interface MisclassifiedOptions {
  /** Probabilities of the committee's members, to report their votes. */
  readonly members?: readonly Probabilities[];
  /** `index` (default): as in the data set. `margin`: the most confident mistake first. */
  readonly order?: 'index' | 'margin';
}

/**
 * The mistakes of a classifier or of a committee.
 *
 * @param probabilities [count, classes]; of a committee, its vote
 * @param labels [count]
 */
export function misclassified(
  probabilities: Probabilities,
  labels: Labels,
  options: MisclassifiedOptions = {},
): Mistake[] {
  const { members, order } = check.complete<MisclassifiedOptions>(
    'misclassified',
    options,
    { order: 'index' },
    { members: anything, order: oneOf('index', 'margin') },
  );
  const rows = readProbabilities(probabilities);
  const { data, count, classCount } = rows;
  const truth = readLabels(labels, count, classCount);
  const predicted = leadingClasses(rows);
  const memberChoices = members?.map((member, index) => {
    const choices = predictedClasses(member);
    if (choices.length !== count || member.shape[1] !== classCount) {
      throw new EnsembleError(
        'SHAPE_MISMATCH',
        `members[${index}]: shape [${member.shape.join(', ')}]; expected [${count}, ${classCount}], the committee's own.`,
      );
    }
    return choices;
  });
  const mistakes: Mistake[] = [];
  for (let index = 0; index < count; index++) {
    const label = truth[index]!;
    const choice = predicted[index]!;
    if (label === choice) continue;
    const confidence = data[index * classCount + choice]!;
    const labelProbability = data[index * classCount + label]!;
    const mistake = {
      index,
      label,
      predicted: choice,
      confidence,
      labelProbability,
      margin: confidence - labelProbability,
    };
    if (!memberChoices) {
      mistakes.push(mistake);
      continue;
    }
    const votes = new Array<number>(classCount).fill(0);
    for (const choices of memberChoices) votes[choices[index]!]!++;
    mistakes.push({ ...mistake, votes });
  }
  if (order === 'margin') mistakes.sort((a, b) => b.margin - a.margin || a.index - b.index);
  return mistakes;
}
