import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agreement,
  calibration,
  hardVote,
  mcnemar,
  misclassified,
  predictedClasses,
  softVote,
  weightedVote,
} from '../src/index.js';
import { goldenMembers, rowsOf, table } from './_fixtures.js';

describe('hardVote', () => {
  const two = table([0.2, 0.5, 0.3]);
  const zero = table([0.5, 0.1, 0.4]);

  it('gives shares of the votes; a tie goes to the lowest class', () => {
    const vote = hardVote([two, zero]);
    expect(rowsOf(vote)).toEqual([[0.5, 0.5, 0]]);
    expect([...predictedClasses(vote)]).toEqual([0]);
  });

  it('or to the larger mean probability, within a distribution', () => {
    const sure = table([0.05, 0.9, 0.05]);
    const vote = hardVote([sure, zero], { tieBreak: 'meanProbability' });
    expect([...predictedClasses(vote)]).toEqual([1]);
    expect(rowsOf(vote)[0]!.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    expect([
      ...predictedClasses(hardVote([zero, table([0.4, 0.5, 0.1])], { tieBreak: 'meanProbability' })),
    ]).toEqual([0]);
  });

  it('a tie break never overrules the votes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }), {
          minLength: 1,
          maxLength: 7,
        }),
        (rows) => {
          const members = rows.map((row) => {
            const sum = row.reduce((a, b) => a + b, 0);
            return table(row.map((value) => (sum === 0 ? 0.25 : value / sum)));
          });
          const plain = rowsOf(hardVote(members))[0]!;
          const broken = rowsOf(hardVote(members, { tieBreak: 'meanProbability' }))[0]!;
          const winner = broken.indexOf(Math.max(...broken));
          expect(plain[winner]).toBe(Math.max(...plain));
        },
      ),
      { seed: 4 },
    );
  });
});

describe('misclassified', () => {
  const members = [table([0.9, 0.1], [0.3, 0.7], [0.4, 0.6]), table([0.8, 0.2], [0.45, 0.55], [0.7, 0.3])];
  const labels = [1, 1, 0];

  it('lists mistakes with margins and votes', () => {
    const mistakes = misclassified(softVote(members), labels, { members });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatchObject({ index: 0, label: 1, predicted: 0, votes: [2, 0] });
    expect(mistakes[0]!.margin).toBeCloseTo(0.7, 6);
    expect(misclassified(members[0]!, [1, 0, 0], { order: 'margin' }).map(({ index }) => index)).toEqual([
      0, 1, 2,
    ]);
    expect(misclassified(members[0]!, labels).every(({ votes }) => votes === undefined)).toBe(true);
  });

  it('has as many entries as there are errors', () => {
    const committee = softVote(goldenMembers);
    const truth = predictedClasses(goldenMembers[1]!);
    const wrong = predictedClasses(committee).filter((value, i) => value !== truth[i]).length;
    expect(misclassified(committee, truth)).toHaveLength(wrong);
  });
});

describe('edges', () => {
  it('a perfect classifier is perfectly calibrated', () => {
    const result = calibration(table([1, 0], [0, 1]), [0, 1]);
    expect(result).toMatchObject({ expectedCalibrationError: 0, brierScore: 0, negativeLogLikelihood: 0 });
    expect(result.bins.at(-1)).toMatchObject({ count: 2, accuracy: 1, meanConfidence: 1 });
  });

  it('a certain mistake costs a finite amount', () => {
    const result = calibration(table([1, 0]), [1]);
    expect(result.negativeLogLikelihood).toBeCloseTo(-Math.log(1.1920929e-7), 6);
    expect(result.brierScore).toBe(2);
  });

  it('two equal classifiers do not differ, two perfect ones define no Q', () => {
    const perfect = table([1, 0], [0, 1]);
    expect(mcnemar(perfect, perfect, [0, 1])).toMatchObject({
      exactPValue: 1,
      chiSquare: 0,
      chiSquarePValue: 1,
    });
    expect(agreement([perfect, perfect], [0, 1])).toMatchObject({
      unanimous: 1,
      meanDisagreement: 0,
      meanQStatistic: null,
      meanKappa: null,
    });
  });
});

describe('hardVote decides on the weights themselves', () => {
  const zero = table([1, 0, 0]);
  const one = table([0, 1, 0]);
  const two = table([0, 0, 1]);

  it.each([
    ['a lead below float32', [1e8, 1e8 + 4], [zero, one], 1],
    ['a lead below float32, to the lower class', [1e8 + 4, 1e8], [zero, one], 0],
    ['weights whose sum overflows', [1e308, 1.1e308], [zero, one], 1],
    ['equal weights whose sum overflows', [1e308, 1e308], [zero, one], 0],
    ['the least weights there are', [5e-324, 1e-323], [zero, one], 1],
  ])('%s', (_, weights, members, winner) => {
    for (const tieBreak of ['lowestClass', 'meanProbability'] as const) {
      const shares = hardVote(members, { weights, tieBreak });
      expect(predictedClasses(shares)[0]).toBe(winner);
      expect(shares.data.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    }
  });

  it('0.1 + 0.2 against 0.3 is a tie', () => {
    const shares = hardVote([two, two, one], { weights: [0.1, 0.2, 0.3] });
    expect(predictedClasses(shares)[0]).toBe(1);
  });

  it('weightedVote of weights whose sum overflows is their mean', () => {
    expect([...weightedVote([zero, one], [1e308, 1e308]).data]).toEqual([0.5, 0.5, 0]);
  });
});
