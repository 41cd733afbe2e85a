import { expect, test } from 'vitest';
import { fillDropoutMask } from '../src/runtime/dropout-mask.js';

const COUNT = 200_000;
const draw = (rate: number, seed: number, step: number, layer: number) => {
  const mask = new Float32Array(COUNT);
  fillDropoutMask(mask, rate, { seed, step, layer });
  return mask;
};

test('the share of dropped values is the rate, and kept values keep the mean', () => {
  for (const rate of [0.1, 0.5, 0.9]) {
    const mask = draw(rate, 1, 0, 0);
    const dropped = mask.filter((value) => value === 0).length / COUNT;
    // Five standard deviations of a binomial share.
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / COUNT));
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  }
});

test('masks of other seeds, steps and layers, and neighbours in a mask, are uncorrelated', () => {
  const base = draw(0.5, 1, 0, 0);
  const others = [draw(0.5, 2, 0, 0), draw(0.5, 1, 1, 0), draw(0.5, 1, 0, 1), draw(0.5, 0, 1, 0)];
  const neighbours = base.map((_, index) => base[(index + 1) % COUNT]!);
  for (const other of [...others, neighbours]) {
    const equal = base.filter((value, index) => value === other[index]).length / COUNT;
    expect(Math.abs(equal - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / COUNT));
  }
});

test('the same key draws the same mask', () => {
  expect(draw(0.3, 7, 12, 2)).toEqual(draw(0.3, 7, 12, 2));
});
