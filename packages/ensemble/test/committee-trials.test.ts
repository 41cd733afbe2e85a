import fc from 'fast-check';
import ndarray from 'ndarray';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { findContested } from '../src/_contested-images.js';
import {
  accuracy,
  committeeCurve,
  committeeTrials,
  hardVote,
  type Probabilities,
  predictedClasses,
  selectBestSubset,
  softVote,
} from '../src/index.js';
import { drawPopulation, type Population } from './_fixtures.js';

/** The plain rule, on all images and without any short cut. */
function plainCorrect(
  { probabilities, labels }: Population,
  members: readonly number[],
  vote: 'soft' | 'hard',
): number {
  const chosen = members.map((member) => probabilities[member]!);
  return accuracy(vote === 'soft' ? softVote(chosen) : hardVote(chosen), labels).correct;
}

describe('committeeTrials', () => {
  const population = drawPopulation(40, 500, 10, 0.3, 7);

  it.each(['soft', 'hard'] as const)('equals the plain rule, %s vote', (vote) => {
    for (const size of [1, 2, 5, 35, 40]) {
      const result = committeeTrials({ ...population, size, trials: 20, seed: 3, vote });
      for (const { members, correct, errors, accuracy: share } of result.trials) {
        expect(correct).toBe(plainCorrect(population, members, vote));
        expect(errors).toBe(500 - correct);
        expect(share).toBe(correct / 500);
      }
    }
  });

  it('equals the plain rule where members nearly tie', () => {
    // Values a few float32 steps apart around equal leads, zeros and certainties: the worst case for leaving images out.
    const share = fc.constantFrom(
      0,
      1,
      2 ** -23,
      2 ** -22,
      3 * 2 ** -23,
      0.25,
      0.5,
      0.5 + 2 ** -24,
      0.5 - 2 ** -25,
      1 / 3,
    );
    const row = fc.tuple(share, share).map(([a, b]) => {
      const first = Math.fround(a);
      const second = Math.min(Math.fround(b), 1 - first);
      return [first, second, Math.max(0, Math.fround(1 - first - second))];
    });
    const member = fc.array(row, { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 9 }), fc.nat(), (tables, seed) => {
        const nearlyTied: Population = {
          probabilities: tables.map((rows) => ndarray(Float32Array.from(rows.flat()), [12, 3])),
          labels: Uint8Array.from({ length: 12 }, (_, i) => i % 3),
        };
        for (const vote of ['soft', 'hard'] as const) {
          for (let size = 1; size <= tables.length; size++) {
            const { trials } = committeeTrials({ ...nearlyTied, size, trials: 3, seed, vote });
            for (const trial of trials)
              expect(trial.correct).toBe(plainCorrect(nearlyTied, trial.members, vote));
          }
        }
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('equals the plain rule where rounding the mean to float32 swallows a lead that every member has', () => {
    // A lead of one float32 step is finer below 0.25 than above, where the mean may lie.
    const spread = (from: number, to: number) =>
      fc.integer({ min: 0, max: 1e6 }).map((position) => from + ((to - from) * position) / 1e6);
    const row = fc.tuple(fc.oneof(spread(0.21, 0.2499), spread(0.26, 0.4)), fc.integer({ min: 1, max: 2 }));
    const member = fc.array(row, { minLength: 40, maxLength: 40 });
    let swallowed = 0;
    fc.assert(
      fc.property(fc.array(member, { minLength: 5, maxLength: 9 }), (tables) => {
        const close: Population = {
          probabilities: tables.map((rows) => {
            const data = new Float32Array(40 * 5);
            const bits = new Uint32Array(data.buffer);
            rows.forEach(([lead, steps], i) => {
              data.fill(Math.max(0, 1 - 2 * lead) / 3, i * 5, i * 5 + 5);
              data[i * 5 + 3] = lead;
              data[i * 5 + 1] = lead;
              bits[i * 5 + 1]! -= steps;
            });
            return ndarray(data, [40, 5]);
          }),
          labels: new Uint8Array(40).fill(3),
        };
        for (const trial of committeeTrials({ ...close, size: 4, trials: 10 }).trials) {
          const expected = plainCorrect(close, trial.members, 'soft');
          expect(trial.correct).toBe(expected);
          swallowed += 40 - expected;
        }
      }),
      { numRuns: 40, seed: 2 },
    );
    expect(swallowed).toBeGreaterThan(0);
  });

  it('reads strided views', () => {
    const transposed = population.probabilities.map(({ data }) => {
      const columns = new Float32Array(data.length);
      for (let i = 0; i < 500; i++) for (let j = 0; j < 10; j++) columns[j * 500 + i] = data[i * 10 + j]!;
      return ndarray(columns, [10, 500]).transpose(1, 0);
    });
    const options = { size: 7, trials: 10 };
    const plain = committeeTrials({ ...population, ...options });
    expect(committeeTrials({ probabilities: transposed, labels: population.labels, ...options })).toEqual(
      plain,
    );
  });

  it('gives the same committees for the same seed, and the first ones do not depend on how many follow', () => {
    const short = committeeTrials({ ...population, size: 5, trials: 4, seed: 11 });
    const long = committeeTrials({ ...population, size: 5, trials: 30, seed: 11 });
    expect(long.trials.slice(0, 4)).toEqual(short.trials);
    const other = committeeTrials({ ...population, size: 5, trials: 4, seed: 12 });
    expect(other.trials.map(({ members }) => members)).not.toEqual(
      short.trials.map(({ members }) => members),
    );
  });

  it('neighbouring seeds draw unrelated committees', () => {
    const small = drawPopulation(7, 3, 3, 1, 1);
    const seeds = 2000;
    const first = Array.from(
      { length: seeds + 1 },
      (_, seed) => committeeTrials({ ...small, size: 5, trials: 1, seed }).trials[0]!.members,
    );
    let shared = 0;
    for (let seed = 0; seed < seeds; seed++)
      shared += first[seed]!.filter((member) => first[seed + 1]!.includes(member)).length;
    // 5 of 7 on average; the mean of 2000 pairs varies by 0.0020 (it was 0.702 with the raw seed).
    expect(Math.abs(shared / seeds / 5 - 5 / 7)).toBeLessThan(0.008);
  });

  it('draws without replacement, every net equally often (chi-square)', () => {
    const trials = 6000;
    const small = drawPopulation(12, 3, 3, 1, 1);
    const result = committeeTrials({ ...small, size: 5, trials, seed: 99 });
    const drawn = new Array<number>(12).fill(0);
    const pairs = new Map<string, number>();
    for (const { members } of result.trials) {
      expect(new Set(members).size).toBe(5);
      expect([...members].sort((a, b) => a - b)).toEqual(members);
      for (const member of members) drawn[member]!++;
      for (const a of members)
        for (const b of members) if (a < b) pairs.set(`${a} ${b}`, (pairs.get(`${a} ${b}`) ?? 0) + 1);
    }
    const chiSquare = (counts: number[], expected: number) =>
      counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 0.1 % points of chi-square with 11 and 65 degrees of freedom; sampling without replacement only lowers them.
    expect(chiSquare(drawn, (trials * 5) / 12)).toBeLessThan(31.26);
    expect(pairs.size).toBe(66);
    expect(chiSquare([...pairs.values()], (trials * 20) / 132)).toBeLessThan(105.99);
  });

  it('sums up the trials', () => {
    const result = committeeTrials({ ...population, size: 3, trials: 50, seed: 5 });
    const shares = result.trials.map((trial) => trial.accuracy);
    const mean = shares.reduce((sum, share) => sum + share, 0) / 50;
    expect(result.mean).toBeCloseTo(mean, 12);
    expect(result.min).toBe(Math.min(...shares));
    expect(result.max).toBe(Math.max(...shares));
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / 49;
    expect(result.standardDeviation).toBeCloseTo(Math.sqrt(variance), 12);
    expect(result.interval.lower).toBeLessThan(mean);
    expect(result.interval.upper).toBeGreaterThan(mean);
    expect(result).toMatchObject({ size: 3, population: 40, count: 500, seed: 5, vote: 'soft' });
    expect(committeeTrials({ ...population, size: 3, trials: 1 }).standardDeviation).toBeNaN();
  });

  it('finds what theory says of independent nets', () => {
    // Two classes, each net right with probability 0.7 on each image: a majority of 25 is right with probability 0.9825.
    const random = xoroshiro128plus(17);
    const independent: Population = {
      labels: new Uint8Array(4000),
      probabilities: Array.from({ length: 60 }, () =>
        ndarray(
          Float32Array.from({ length: 4000 }, () => (uniformFloat64(random) < 0.7 ? 1 : 0)).reduce(
            (data, right, i) => {
              data[2 * i] = right;
              data[2 * i + 1] = 1 - right;
              return data;
            },
            new Float32Array(8000),
          ),
          [4000, 2],
        ),
      ),
    };
    for (const vote of ['soft', 'hard'] as const) {
      const { mean } = committeeTrials({ ...independent, size: 25, trials: 100, vote });
      expect(Math.abs(mean - 0.9825)).toBeLessThan(0.006);
    }
  });

  it('leaves out most images of good nets, exactly', () => {
    const good = drawPopulation(30, 2000, 10, 0.01, 3);
    const images = findContested(good.probabilities, good.labels);
    expect(images.labels.length).toBeLessThan(30);
    const choices = good.probabilities.map(predictedClasses);
    let agreed = 0;
    let agreedAndRight = 0;
    for (let i = 0; i < 2000; i++) {
      if (choices.some((choice) => choice[i] !== choices[0]![i])) continue;
      agreed++;
      if (choices[0]![i] === good.labels[i]) agreedAndRight++;
    }
    expect(images.labels.length).toBe(2000 - agreed);
    expect(images.certainCorrect).toBe(agreedAndRight);
  });

  it('draws and scores 1,000 committees of 35 from 250 nets on 10,000 images in under 2 s', () => {
    const large = drawPopulation(250, 10_000, 10, 0.01, 5);
    const start = performance.now();
    const result = committeeTrials({ ...large, size: 35, trials: 1000, seed: 1 });
    expect(performance.now() - start).toBeLessThan(2000);
    for (const { members, correct } of result.trials.slice(0, 3)) {
      expect(correct).toBe(plainCorrect(large, members, 'soft'));
    }
  });
});

describe('committeeCurve', () => {
  const population = drawPopulation(20, 400, 5, 0.4, 2);

  it('is the trials of each size, with a band', () => {
    const curve = committeeCurve({ ...population, trials: 41, seed: 4 });
    expect(curve.points.map(({ size }) => size)).toEqual([1, 2, 3, 5, 7, 10, 15, 20]);
    for (const point of curve.points) {
      const { trials, mean, interval } = committeeTrials({
        ...population,
        size: point.size,
        trials: 41,
        seed: 4,
      });
      const sorted = trials.map((trial) => trial.accuracy).sort((a, b) => a - b);
      expect(point.mean).toBe(mean);
      expect(point.interval).toEqual(interval);
      // 41 trials: the 2.5 % and 97.5 % quantiles are the second least and the second largest.
      expect(point.lower).toBeCloseTo(sorted[1]!, 12);
      expect(point.upper).toBeCloseTo(sorted[39]!, 12);
    }
  });

  it('has no spread at the whole population', () => {
    const [point] = committeeCurve({ ...population, sizes: [20], trials: 10 }).points;
    expect(point).toMatchObject({ standardDeviation: 0, min: point!.mean, max: point!.mean });
  });
});

describe('selectBestSubset', () => {
  const { probabilities, labels } = drawPopulation(8, 300, 4, 0.6, 9);
  const half = (array: Probabilities, from: number, to: number) => array.lo(from, 0).hi(to - from, 4);
  const test = { probabilities: probabilities.map((p) => half(p, 150, 300)), labels: labels.subarray(150) };
  const selection = {
    probabilities: probabilities.map((p) => half(p, 0, 150)),
    labels: labels.subarray(0, 150),
  };

  it('says when it chose on the test set', () => {
    const cheating = selectBestSubset({ ...test, size: 3 });
    expect(cheating.selectedOnTestSet).toBe(true);
    expect(cheating.accuracy).toEqual(cheating.selectionAccuracy);
    const honest = selectBestSubset({ ...test, size: 3, selection });
    expect(honest.selectedOnTestSet).toBe(false);
    expect(honest.accuracy.count).toBe(150);
  });

  it('adds the best net at each step', () => {
    const singles = test.probabilities.map((p) => accuracy(p, test.labels).correct);
    const { members } = selectBestSubset({ ...test, size: 1 });
    expect(members).toEqual([singles.indexOf(Math.max(...singles))]);
    const two = selectBestSubset({ ...test, size: 2 });
    expect(two.members).toContain(members[0]);
    const pairs = test.probabilities.flatMap((p, i) =>
      i === members[0]
        ? []
        : [
            accuracy(
              softVote([
                members[0]! < i ? test.probabilities[members[0]!]! : p,
                members[0]! < i ? p : test.probabilities[members[0]!]!,
              ]),
              test.labels,
            ).correct,
          ],
    );
    expect(two.accuracy.correct).toBe(Math.max(...pairs));
  });

  it('chooses everybody when asked to', () => {
    expect(selectBestSubset({ ...test, size: 8 }).members).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(selectBestSubset({ ...test, size: 2, vote: 'hard' }).members).toHaveLength(2);
  });
});
