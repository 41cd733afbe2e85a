import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { populationFigures } from '../src/experiment/population-figures.js';

/** A net over two classes that is wrong on the images named, with this confidence. */
function net(labels: Uint8Array, wrong: readonly number[], confidence = 0.9) {
  const probabilities = ndarray(new Float32Array(labels.length * 2), [labels.length, 2]);
  for (const [image, label] of labels.entries()) {
    const right = wrong.includes(image) ? 1 - confidence : confidence;
    probabilities.set(image, label, right);
    probabilities.set(image, 1 - label, 1 - right);
  }
  return probabilities;
}

describe('populationFigures', () => {
  const labels = Uint8Array.from({ length: 1000 }, (_, image) => image % 2);

  it('counts single nets, disjoint committees and the vote of all', () => {
    // Five nets with an error of their own each, and image 947 which all of them miss; then a pair that misses 3 together.
    const nets = [
      ...[0, 1, 2, 10, 11].map((own) => net(labels, [own, 947])),
      net(labels, [3, 947]),
      net(labels, [3, 4, 947]),
    ];
    const figures = populationFigures(nets, labels, {
      disjointSizes: [2, 3, 9],
      trials: 20,
      mnistTest: true,
    });
    expect(figures.nets.errors).toEqual([2, 2, 2, 2, 2, 2, 3]);
    expect(figures.nets.mean).toBeCloseTo(100 - (15 / 7 / 1000) * 100, 9);
    // Two nets that disagree tie at 0.5 within rounding, so the sizes of three are the clear ones; 9 is more than there are.
    expect(figures.disjoint.map(({ size, count }) => [size, count])).toEqual([
      [2, 3],
      [3, 2],
    ]);
    expect(figures.disjoint[1]!.errors).toEqual([1, 1]);
    expect(figures.all).toMatchObject({ size: 7, errors: 1, accuracy: 0.999 });
    expect(figures.all.mistakes).toEqual([
      { index: 947, label: 1, predicted: 0, votes: [7, 0], doubtfulLabel: true },
    ]);
    expect(figures.random.map(({ size }) => size)).toEqual([1, 2, 3, 5, 7]);
  });

  it('calls no label doubtful of other images, and gives no deviation of a single net', () => {
    const figures = populationFigures([net(labels, [947])], labels, { trials: 2, mnistTest: false });
    expect(figures.all.mistakes[0]!.doubtfulLabel).toBe(false);
    expect(figures.nets).toEqual({ count: 1, mean: 99.9, errors: [1] });
    expect(figures.disjoint).toEqual([]);
  });
});
