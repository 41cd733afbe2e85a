import type { DrawKey } from '@mnist/dataset';
import { fillUniform } from '@mnist/kit';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import {
  compose,
  elastic,
  erase,
  fusedPipeline,
  randomCrop,
  rotate,
  type SeededTransform,
  shear,
  shift,
  thickness,
  trainingPipeline,
  zoom,
} from '../src/index.js';
import { apply } from './_images.js';

const draws = 100_000;

/** Upper 1e-5 point of chi-square, by Wilson and Hilferty's approximation. With a fixed seed there is no flakiness to fear. */
function criticalChiSquare(degreesOfFreedom: number): number {
  const z = 4.265;
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + z * Math.sqrt(spread)) ** 3;
}

function expectDistribution(
  counts: ArrayLike<number>,
  expected: (bin: number) => number,
  label: string,
): void {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) sum += (counts[bin]! - expected(bin)) ** 2 / expected(bin);
  expect(sum, label).toBeLessThan(criticalChiSquare(counts.length - 1));
}

/** Every number that `draws` different images draw, by name; elements of a list are `name[i]`. */
function drawAll(transform: SeededTransform): Map<string, Float64Array> {
  const all = new Map<string, Float64Array>();
  const keep = (name: string, at: number, value: number): void => {
    let values = all.get(name);
    if (values === undefined) {
      values = new Float64Array(draws);
      all.set(name, values);
    }
    values[at] = value;
  };
  for (let index = 0; index < draws; index++) {
    for (const [name, value] of Object.entries(transform.parameters({ seed: 77, epoch: 3, index }))) {
      if (typeof value === 'object')
        for (const [i, one] of value.entries()) keep(`${name}[${i}]`, index, one);
      else keep(name, index, Number(value));
    }
  }
  return all;
}

function expectUniform(values: Float64Array, low: number, high: number, label: string): void {
  const counts = new Float64Array(100);
  expect(values.filter((value) => !(value >= low && value <= high)).length, `${label} out of range`).toBe(0);
  for (const value of values) counts[Math.min(Math.floor(((value - low) / (high - low)) * 100), 99)]!++;
  expectDistribution(counts, () => draws / 100, label);
}

function expectWhole(
  values: Float64Array,
  low: number,
  high: number,
  weight: (value: number) => number,
  label: string,
) {
  const counts = new Float64Array(high - low + 1);
  let total = 0;
  for (let value = low; value <= high; value++) total += weight(value);
  const misfits = values.filter((value) => !(Number.isInteger(value) && value >= low && value <= high));
  expect([...misfits.subarray(0, 3)], `${label}: not whole or out of range`).toEqual([]);
  for (const value of values) counts[value - low]!++;
  expectDistribution(counts, (bin) => (draws * weight(low + bin)) / total, label);
}

describe(`each parameter of ${draws} draws has the documented distribution`, () => {
  test('trainingPipeline', () => {
    const all = drawAll(trainingPipeline());
    expect(all.size).toBe(21);
    for (const [name, values] of all) {
      if (name === 'degrees') expectWhole(values, -10, 10, (value) => (value === 0 ? 2 : 1), name);
      else if (name.startsWith('shifts')) expectWhole(values, -1, 1, () => 1, name);
      else expectWhole(values, 0, 3, () => 1, name);
    }
  });

  test('fusedPipeline', () => {
    const all = drawAll(fusedPipeline({ strength: 0.5 }));
    expect(all.size).toBe(21);
    for (const [name, values] of all) {
      const limit = name === 'degrees' ? 10.25 : name.startsWith('shifts') ? 1.41 : 1.94;
      expectUniform(values, -limit / 2, limit / 2, name);
    }
  });

  test('fusedPipeline spreads as trainingPipeline does', () => {
    const variance = (values: Float64Array) => {
      const mean = values.reduce((sum, value) => sum + value) / draws;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
    };
    const exact = drawAll(trainingPipeline());
    const fused = drawAll(fusedPipeline());
    for (const [a, b] of [
      ['left', 'shiftX'],
      ['degrees', 'degrees'],
      ['shifts[4]', 'shifts[4]'],
    ] as const) {
      expect(variance(fused.get(b)!) / variance(exact.get(a)!)).toBeCloseTo(1, 1);
    }
  });

  test('the other transforms', () => {
    const uniform: [SeededTransform, string, number, number][] = [
      [shift(), 'x', -2, 2],
      [shift(), 'y', -2, 2],
      [shift({ x: [-1, 3] }), 'x', -1, 3],
      [rotate(), 'degrees', -10, 10],
      [zoom(), 'factorX', 0.9, 1.1],
      [zoom({ independent: true }), 'factorY', 0.9, 1.1],
      [shear(), 'degrees', -10, 10],
      [thickness(), 'amount', -0.5, 0.7],
      [erase(), 'area', 0.02, 0.2],
    ];
    for (const [transform, name, low, high] of uniform) {
      expectUniform(drawAll(transform).get(name)!, low, high, `${JSON.stringify(transform.spec)} ${name}`);
    }
    const whole: [SeededTransform, string, number, number][] = [
      [shift({ integer: true }), 'x', -2, 2],
      [shift({ integer: true, y: [0, 3] }), 'y', 0, 3],
      [randomCrop(), 'left', 0, 3],
      [randomCrop({ margin: 5 }), 'top', 0, 5],
      [erase({ probability: 0.25 }), 'erased', 0, 1],
    ];
    for (const [transform, name, low, high] of whole) {
      const weight = name === 'erased' ? (value: number) => (value === 1 ? 1 : 3) : () => 1;
      expectWhole(
        drawAll(transform).get(name)!,
        low,
        high,
        weight,
        `${JSON.stringify(transform.spec)} ${name}`,
      );
    }
    const logAspect = drawAll(erase()).get('aspect')!.map(Math.log);
    expectUniform(logAspect, Math.log(0.3) - 1e-12, Math.log(3.3) + 1e-12, 'erase aspect');
  });
});

/** Chi-square of independence on a 10 x 10 table of pairs of uniform numbers. */
function expectIndependent(pair: (at: number) => readonly [number, number], label: string): void {
  const counts = new Float64Array(100);
  for (let at = 0; at < draws; at++) {
    const [a, b] = pair(at);
    counts[Math.floor(a * 10) * 10 + Math.floor(b * 10)]!++;
  }
  expectDistribution(counts, () => draws / 100, label);
}

describe('streams are independent', () => {
  const first = new Float64Array(8);
  const second = new Float64Array(8);
  const compare = (at: number, a: DrawKey, b: DrawKey): readonly [number, number] => {
    fillUniform(first, 8, a.seed, a.epoch, a.index);
    fillUniform(second, 8, b.seed, b.epoch, b.index);
    return [first[at % 8]!, second[at % 8]!];
  };
  const key = (index: number, epoch = 0, seed = 11) => ({ seed, epoch, index });

  test('of neighbouring images, epochs and seeds, and image against epoch', () => {
    expectIndependent((i) => compare(i, key(i), key(i + 1)), 'image i and i + 1');
    expectIndependent((i) => compare(i, key(i, 4), key(i, 5)), 'epoch 4 and 5');
    expectIndependent((i) => compare(i, key(5, i), key(5, i + 1)), 'epoch i and i + 1 of one image');
    expectIndependent((i) => compare(i, key(i, 0, 11), key(i, 0, 12)), 'seed 11 and 12');
    expectIndependent((i) => compare(i, key(i, i + 1), key(i + 1, i)), 'image and epoch exchanged');
    expectIndependent((i) => compare(i, key(i, 0, 2 ** 32), key(i, 0, 0)), 'upper half of the seed');
  });

  test('of the numbers of one image', () => {
    for (const [a, b] of [
      [0, 1],
      [0, 4],
      [3, 7],
    ] as const) {
      expectIndependent((i) => {
        fillUniform(first, 8, 3, 0, i);
        return [first[a]!, first[b]!];
      }, `number ${a} and ${b}`);
    }
  });

  test('of equal steps of a composition', () => {
    const twice = compose(rotate(), rotate());
    expectIndependent((index) => {
      const drawn = twice.parameters({ seed: 5, epoch: 0, index });
      return [((drawn['0.degrees'] as number) + 10) / 20, ((drawn['1.degrees'] as number) + 10) / 20];
    }, 'step 0 and 1');
  });
});

test('elastic displaces as Simard: mean 0, the standard deviation that alpha and sigma give', () => {
  // A ramp shows the displacement of x directly: value = 100 + 4 * (x + displacement).
  const size = 41;
  const ramp = Float32Array.from({ length: size * size }, (_, i) => 100 + 4 * (i % size));
  const image = ndarray(ramp, [size, size]);
  const alpha = 20;
  const sigma = 3;
  const transform = elastic({ alpha, sigma });
  const centre = 20 * size + 20;
  let sum = 0;
  let squares = 0;
  const count = 2000;
  for (let index = 0; index < count; index++) {
    const value = apply(transform, image, { seed: 9, epoch: 0, index })[centre]!;
    const displacement = (value - 100) / 4 - 20;
    sum += displacement;
    squares += displacement ** 2;
  }
  // Variance of uniform noise in [-1, 1] is 1/3; a Gaussian filter leaves 1 / (4 pi sigma^2) of it.
  const expected = alpha * Math.sqrt(1 / 3 / (4 * Math.PI * sigma ** 2));
  expect(Math.abs(sum / count)).toBeLessThan((4 * expected) / Math.sqrt(count));
  expect(Math.sqrt(squares / count) / expected).toBeCloseTo(1, 1);
});
