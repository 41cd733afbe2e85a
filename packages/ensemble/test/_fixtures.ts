import { readFileSync } from 'node:fs';
import ndarray from 'ndarray';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Probabilities } from '../src/index.js';

export interface Population {
  readonly probabilities: Probabilities[];
  readonly labels: Uint8Array;
}

/** A table from rows of numbers. */
export function table(...rows: number[][]): Probabilities {
  return ndarray(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);
}

export function rowsOf(array: Probabilities): number[][] {
  const [count, classes] = array.shape as [number, number];
  return Array.from({ length: count }, (_, i) => Array.from({ length: classes }, (_, j) => array.get(i, j)));
}

/** Nets that are right on easy images and each in its own way unsure on a share `hard` of them. */
export function drawPopulation(
  nets: number,
  count: number,
  classes: number,
  hard: number,
  seed: number,
): Population {
  const random = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(random);
  const labels = Uint8Array.from({ length: count }, () => Math.floor(uniform() * classes));
  const rivals = labels.map((label) => (label + 1 + Math.floor(uniform() * (classes - 1))) % classes);
  const difficulty = Float64Array.from({ length: count }, () => (uniform() < hard ? uniform() * 6 - 1 : -9));
  const probabilities = Array.from({ length: nets }, () => {
    const data = new Float32Array(count * classes).fill(0.02 / classes);
    for (let image = 0; image < count; image++) {
      const noise = uniform() + uniform() + uniform() + uniform() - 2;
      const rival = 0.98 / (1 + Math.exp(2 - difficulty[image]! - 2 * noise));
      data[image * classes + rivals[image]!]! += rival;
      data[image * classes + labels[image]!]! += 0.98 - rival;
    }
    return ndarray(data, [count, classes]);
  });
  return { probabilities, labels };
}

interface Reliability {
  bins: number;
  counts: number[];
  accuracy: number[];
  confidence: number[];
  expected: number;
  maximum: number;
}

export interface Golden {
  scale: number;
  labels: number[];
  members: number[][];
  weights: number[];
  softClasses: number[];
  weightedClasses: number[];
  softMean: number[][];
  weightedMean: number[][];
  hardClasses: number[];
  weightedHardClasses: number[];
  accuracies: number[];
  confusion: number[][];
  perClass: Record<'precision' | 'recall' | 'f1' | 'support', number[]>;
  logLoss: number;
  brier: number;
  reliability: Reliability[];
  mcnemar: {
    first: number;
    second: number;
    onlyFirst: number;
    onlySecond: number;
    exact: number;
    chiSquare: number;
    chiSquareP: number;
  }[];
  intervals: {
    correct: number;
    count: number;
    confidence: number;
    wilson: [number, number];
    clopperPearson: [number, number];
  }[];
  agreement: Record<
    'disagreement' | 'q' | 'kappa' | 'doubleFault' | 'unanimous' | 'allWrong' | 'anyCorrect',
    number
  >;
  special: Record<'logGamma' | 'regularizedBeta' | 'erfc' | 'normalQuantile', number[][]>;
}

/** Written by scripts/make_golden.py. */
export const golden = JSON.parse(
  readFileSync(new URL('../golden/scikit-learn-scipy.json', import.meta.url), 'utf8'),
) as Golden;

export const goldenMembers: Probabilities[] = golden.members.map((counts) =>
  ndarray(
    Float32Array.from(counts, (count) => count / golden.scale),
    [golden.labels.length, counts.length / golden.labels.length],
  ),
);
