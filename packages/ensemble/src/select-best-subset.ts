import { anything, integer } from '@mnist/kit';
import { type CommitteeVote, committeeScorer, voteCheck } from './_committee-score.js';
import { findContested } from './_contested-images.js';
import { type Accuracy, accuracy } from './accuracy.js';
import type { Labels, Probabilities } from './classifier.js';
import { check, EnsembleError } from './ensemble-error.js';
import { hardVote } from './hard-vote.js';
import { softVote } from './soft-vote.js';

export interface SelectBestSubsetOptions {
  /** One [count, classes] a net, of the images that the result is reported on. */
  readonly probabilities: readonly Probabilities[];
  /** [count] */
  readonly labels: Labels;
  /** Nets to choose, 1 to the size of the population. */
  readonly size: number;
  /**
   * The same nets on images held out for choosing. Without it the choice is made on the very images that the result
   * is reported on, and the accuracy is too good to be true.
   */
  readonly selection?: { readonly probabilities: readonly Probabilities[]; readonly labels: Labels };
  /** `soft` (default) or `hard`. */
  readonly vote?: CommitteeVote;
}

/** A committee that was chosen rather than drawn. */
export interface BestSubset {
  /** Positions in `probabilities`, ascending. */
  readonly members: readonly number[];
  /** True: the accuracy is the maximum of a search over the test set, biased upwards. Say so wherever it is shown. */
  readonly selectedOnTestSet: boolean;
  readonly method: 'greedyForward';
  /** On the images used for choosing. */
  readonly selectionAccuracy: Accuracy;
  /** On `probabilities` and `labels`. */
  readonly accuracy: Accuracy;
}

/**
 * Chooses a committee by greedy forward selection (Caruana et al. 2004, without replacement): starting empty, add the
 * net that makes the committee most accurate; ties go to the lowest position. Deterministic. Not the optimum of all
 * subsets, which nobody can search.
 */
export function selectBestSubset(options: SelectBestSubsetOptions): BestSubset {
  const where = 'selectBestSubset';
  const { probabilities, labels, size, selection, vote } = check.complete<SelectBestSubsetOptions>(
    where,
    options,
    { vote: 'soft' },
    { probabilities: anything, labels: anything, size: anything, selection: anything, vote: voteCheck },
  );
  if (selection) check.refuseUnknown(`${where}: selection`, selection, ['probabilities', 'labels']);
  const chosenOn = selection ?? { probabilities, labels };
  if (chosenOn.probabilities.length !== probabilities.length) {
    throw new EnsembleError(
      'SHAPE_MISMATCH',
      `selection.probabilities has ${chosenOn.probabilities.length} nets, probabilities has ${probabilities.length}; pass the same nets in the same order.`,
    );
  }
  const images = findContested(chosenOn.probabilities, chosenOn.labels);
  check.require(where, 'size', size, integer({ min: 1, max: images.members }));
  const score = committeeScorer(images, vote!);
  let members: number[] = [];
  for (let round = 0; round < size; round++) {
    let best: number[] = [];
    let most = -1;
    for (let candidate = 0; candidate < images.members; candidate++) {
      if (members.includes(candidate)) continue;
      const committee = [...members, candidate].sort((a, b) => a - b);
      const correct = score(committee);
      if (correct > most) {
        most = correct;
        best = committee;
      }
    }
    members = best;
  }
  const combine = vote === 'soft' ? softVote : hardVote;
  const scoreOf = (all: readonly Probabilities[], truth: Labels) =>
    accuracy(combine(members.map((member) => all[member]!)), truth);
  return {
    members,
    selectedOnTestSet: selection === undefined,
    method: 'greedyForward',
    selectionAccuracy: scoreOf(chosenOn.probabilities, chosenOn.labels),
    accuracy: scoreOf(probabilities, labels),
  };
}
