import { describe, expect, it } from 'vitest';
import { erfc, logGamma, regularizedBeta, twoSidedNormalQuantile } from '../src/_special-functions.js';
import {
  accuracy,
  accuracyInterval,
  agreement,
  calibration,
  confusionMatrix,
  hardVote,
  mcnemar,
  perClass,
  predictedClasses,
  softVote,
  weightedVote,
} from '../src/index.js';
import { golden, goldenMembers as members, rowsOf } from './_fixtures.js';

const { labels } = golden;

function expectClose(found: number, expected: number, relative = 1e-10): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));
}

describe('votes agree with scikit-learn', () => {
  it('soft', () => {
    expect([...predictedClasses(softVote(members))]).toEqual(golden.softClasses);
    expect(rowsOf(softVote(members)).slice(0, 5)).toEqual(golden.softMean.map((row) => row.map(Math.fround)));
  });

  it('weighted', () => {
    const vote = weightedVote(members, golden.weights);
    expect([...predictedClasses(vote)]).toEqual(golden.weightedClasses);
    rowsOf(vote)
      .slice(0, 5)
      .flat()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(golden.weightedMean.flat()[i]!, 6);
      });
  });

  it('hard, with ties to the lowest class', () => {
    expect([...predictedClasses(hardVote(members))]).toEqual(golden.hardClasses);
    const weighted = hardVote(members, { weights: golden.weights });
    expect([...predictedClasses(weighted)]).toEqual(golden.weightedHardClasses);
  });
});

describe('metrics agree with scikit-learn', () => {
  it('accuracy', () => {
    members.forEach((member, i) => {
      expect(accuracy(member, labels).accuracy).toBe(golden.accuracies[i]);
    });
  });

  it('confusion matrix and per-class figures', () => {
    const matrix = confusionMatrix(members[0]!, labels);
    expect(matrix).toEqual(golden.confusion);
    perClass(matrix).forEach((metrics, i) => {
      expect(metrics.support).toBe(golden.perClass.support[i]);
      expect(metrics.precision).toBeCloseTo(golden.perClass.precision[i]!, 12);
      expect(metrics.recall).toBeCloseTo(golden.perClass.recall[i]!, 12);
      expect(metrics.f1).toBeCloseTo(golden.perClass.f1[i]!, 12);
    });
    expect(golden.perClass.support).toContain(0);
  });

  it('log loss, Brier score and reliability bins', () => {
    const result = calibration(members[0]!, labels);
    // scikit-learn clips and takes logarithms in float32.
    expectClose(result.negativeLogLikelihood, golden.logLoss, 1e-6);
    expectClose(result.brierScore, golden.brier, 1e-6);
    for (const expected of golden.reliability) {
      const found = calibration(members[0]!, labels, { bins: expected.bins });
      expect(found.bins.map(({ count }) => count)).toEqual(expected.counts);
      expectClose(found.expectedCalibrationError, expected.expected);
      expectClose(found.maximumCalibrationError, expected.maximum);
      const filled = found.bins.filter(({ count }) => count > 0);
      filled.forEach((bin, i) => {
        expect(bin.accuracy).toBeCloseTo(expected.accuracy[i]!, 12);
        expect(bin.meanConfidence).toBeCloseTo(expected.confidence[i]!, 12);
      });
      for (const bin of found.bins) if (bin.count === 0) expect(bin.accuracy).toBeNull();
    }
  });

  it('agreement of the population', () => {
    const found = agreement(members, labels);
    expect(found.allWrong).toBe(golden.agreement.allWrong);
    expect(found.anyCorrect).toBe(golden.agreement.anyCorrect);
    expectClose(found.unanimous, golden.agreement.unanimous);
    expectClose(found.meanDisagreement, golden.agreement.disagreement);
    expectClose(found.meanDoubleFault, golden.agreement.doubleFault);
    expectClose(found.meanQStatistic!, golden.agreement.q);
    expectClose(found.meanKappa!, golden.agreement.kappa);
    expect(found.disagreement[1]![4]).toBe(found.disagreement[4]![1]);
  });
});

describe('statistics agree with SciPy', () => {
  it.each(golden.intervals)('interval of $correct in $count at $confidence', (expected) => {
    const { correct, count, confidence } = expected;
    for (const method of ['wilson', 'clopperPearson'] as const) {
      const found = accuracyInterval(correct, count, { confidence, method });
      expectClose(found.lower, expected[method][0], 1e-9);
      expectClose(found.upper, expected[method][1], 1e-9);
    }
  });

  it.each(golden.mcnemar)('McNemar of members $first and $second', (expected) => {
    const found = mcnemar(members[expected.first]!, members[expected.second]!, labels);
    expect(found.onlyFirstCorrect).toBe(expected.onlyFirst);
    expect(found.onlySecondCorrect).toBe(expected.onlySecond);
    expectClose(found.exactPValue, expected.exact);
    expectClose(found.chiSquare, expected.chiSquare);
    expectClose(found.chiSquarePValue, expected.chiSquareP);
    const all = found.bothCorrect + found.bothWrong + found.onlyFirstCorrect + found.onlySecondCorrect;
    expect(all).toBe(labels.length);
  });

  it('special functions', () => {
    // logGamma passes through 0 at 1 and 2, where only the absolute error means something.
    for (const [x, expected] of golden.special.logGamma) {
      expect(Math.abs(logGamma(x!) - expected!)).toBeLessThan(2e-14 + 1e-13 * Math.abs(expected!));
    }
    for (const [x, a, b, expected] of golden.special.regularizedBeta) {
      expectClose(regularizedBeta(x!, a!, b!), expected!, 1e-10);
    }
    for (const [x, expected] of golden.special.erfc) expectClose(erfc(x!), expected!, 1e-12);
    for (const [confidence, expected] of golden.special.normalQuantile) {
      expectClose(twoSidedNormalQuantile(confidence!), expected!, 1e-12);
    }
  });
});
