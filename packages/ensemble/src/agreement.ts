import { readLabels } from './_read-labels.js';
import { readMembers } from './_read-probabilities.js';
import type { Labels, Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';
import { leadingClasses } from './predicted-classes.js';

/** How alike the members of a population decide. Means are over all pairs of members. */
export interface Agreement {
  readonly members: number;
  readonly count: number;
  /** Share of the images on which every member chooses the same class. */
  readonly unanimous: number;
  /** Images that every member gets wrong: no vote of theirs can be right by majority. */
  readonly allWrong: number;
  /** Images that at least one member gets right: the oracle's score, the bound of any choice among members. */
  readonly anyCorrect: number;
  /** Mean share of the images on which two members choose different classes. */
  readonly meanDisagreement: number;
  /** Mean share of the images that both of two members get wrong. */
  readonly meanDoubleFault: number;
  /**
   * Yule's Q of right and wrong answers, mean over the pairs for which it is defined: 1 = they fail on the same
   * images, 0 = independently (Kuncheva and Whitaker 2003). Null where no pair defines it.
   */
  readonly meanQStatistic: number | null;
  /** Mean Cohen's kappa of the decisions' correctness; null where no pair defines it. */
  readonly meanKappa: number | null;
  /** [members][members] share of the images on which the two choose different classes; 0 on the diagonal. */
  readonly disagreement: readonly (readonly number[])[];
}

/**
 * Agreement and diversity of a population.
 *
 * @param probabilities at least two members, each [count, classes]
 * @param labels [count]
 */
export function agreement(probabilities: readonly Probabilities[], labels: Labels): Agreement {
  const population = readMembers(probabilities);
  if (population.length === 1)
    throw new EnsembleError('NO_DATA', 'agreement: one member; expected at least two.');
  const { count, classCount } = population[0]!;
  if (count === 0) throw new EnsembleError('NO_DATA', 'agreement: no images; pass at least one.');
  const truth = readLabels(labels, count, classCount);
  const choices = population.map(leadingClasses);
  const members = choices.length;

  // Only images on which somebody differs or errs can make two members differ or fail: the rest are counted, not visited.
  const visited: number[] = [];
  let unanimous = 0;
  let allWrong = 0;
  let anyCorrect = 0;
  for (let i = 0; i < count; i++) {
    let right = 0;
    let same = 0;
    for (const choice of choices) {
      if (choice[i] === truth[i]) right++;
      if (choice[i] === choices[0]![i]) same++;
    }
    if (same === members) unanimous++;
    if (right === 0) allWrong++;
    else anyCorrect++;
    if (right < members) visited.push(i);
  }

  const disagreement = choices.map(() => new Array<number>(members).fill(0));
  const sums = { disagreement: 0, doubleFault: 0, q: 0, kappa: 0 };
  const pairs = { all: 0, q: 0, kappa: 0 };
  for (let a = 0; a < members; a++) {
    for (let b = a + 1; b < members; b++) {
      const pair = comparePair(choices[a]!, choices[b]!, truth, visited, count);
      disagreement[a]![b] = pair.disagreement;
      disagreement[b]![a] = pair.disagreement;
      pairs.all++;
      sums.disagreement += pair.disagreement;
      sums.doubleFault += pair.doubleFault;
      if (pair.q !== null) {
        pairs.q++;
        sums.q += pair.q;
      }
      if (pair.kappa !== null) {
        pairs.kappa++;
        sums.kappa += pair.kappa;
      }
    }
  }
  return {
    members,
    count,
    unanimous: unanimous / count,
    allWrong,
    anyCorrect,
    meanDisagreement: sums.disagreement / pairs.all,
    meanDoubleFault: sums.doubleFault / pairs.all,
    meanQStatistic: pairs.q === 0 ? null : sums.q / pairs.q,
    meanKappa: pairs.kappa === 0 ? null : sums.kappa / pairs.kappa,
    disagreement,
  };
}

function comparePair(
  one: Uint16Array,
  two: Uint16Array,
  truth: ArrayLike<number>,
  visited: readonly number[],
  count: number,
) {
  let differ = 0;
  let bothWrong = 0;
  let onlyOne = 0;
  let onlyTwo = 0;
  for (const i of visited) {
    if (one[i] !== two[i]) differ++;
    const oneRight = one[i] === truth[i];
    const twoRight = two[i] === truth[i];
    if (oneRight) {
      if (!twoRight) onlyOne++;
    } else if (twoRight) onlyTwo++;
    else bothWrong++;
  }
  const bothRight = count - onlyOne - onlyTwo - bothWrong;
  const same = bothRight * bothWrong;
  const opposite = onlyOne * onlyTwo;
  const kappaDenominator =
    (bothRight + onlyOne) * (onlyOne + bothWrong) + (bothRight + onlyTwo) * (onlyTwo + bothWrong);
  return {
    disagreement: differ / count,
    doubleFault: bothWrong / count,
    q: same + opposite === 0 ? null : (same - opposite) / (same + opposite),
    kappa: kappaDenominator === 0 ? null : (2 * (same - opposite)) / kappaDenominator,
  };
}
