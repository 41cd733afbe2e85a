import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ImageDataset, splitHeldOut, syntheticDigits } from '../src/index.js';
import { errorOf } from './support/world.js';

const train = syntheticDigits({ count: 4000, seed: 1 });
const test = syntheticDigits({ count: 1000, seed: 1, split: 'test' });
const image = ({ images }: ImageDataset, i: number) => images.data.subarray(i * 784, (i + 1) * 784);
const bytes = ({ images, labels }: ImageDataset) => Buffer.concat([images.data, labels.data]);

/** Ink of an image: its box in pixels, centre of mass from the middle, sum, and share of nearly full pixels. */
function measure(pixels: Uint8Array) {
  let [left, right, top, bottom, sum, sumX, sumY, full, inked] = [28, -1, 28, -1, 0, 0, 0, 0, 0];
  pixels.forEach((grey, k) => {
    if (grey === 0) return;
    const [x, y] = [k % 28, Math.floor(k / 28)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    sum += grey;
    sumX += grey * (x + 0.5);
    sumY += grey * (y + 0.5);
    inked++;
    if (grey > 250) full++;
  });
  const width = right - left + 1;
  const height = bottom - top + 1;
  return {
    width,
    height,
    offX: sumX / sum - 14,
    offY: sumY / sum - 14,
    sum,
    full: full / inked,
    left,
    right,
    top,
    bottom,
  };
}

describe('syntheticDigits', () => {
  it('is labelled as what it is', () => {
    expect(train).toMatchObject({
      name: 'synthetic-digits',
      split: 'train',
      synthetic: true,
      source: 'generated',
    });
    expect(test.split).toBe('test');
    expect(train.images.shape).toEqual([4000, 28, 28]);
    expect(train.labels.shape).toEqual([4000]);
    expect(train.classNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('image i follows from (seed, split, i) alone', () => {
    const few = syntheticDigits({ count: 37, seed: 1 });
    expect(few.images.data).toEqual(train.images.data.subarray(0, 37 * 784));
    expect(few.labels.data).toEqual(train.labels.data.subarray(0, 37));
    expect(bytes(syntheticDigits({ count: 37, seed: 2 }))).not.toEqual(bytes(few));
  });

  it('gives these bytes on every machine', () => {
    const sum = createHash('sha256').update(bytes(train)).update(bytes(test)).digest('hex');
    expect(sum).toMatchInlineSnapshot(`"7d48dd0043b9ae05d61cee259586e39abb146e4a9faa959a6726f913422eaba7"`);
  });

  it('holds each class once in ten images', () => {
    for (let i = 0; i < 4000; i += 10)
      expect([...train.labels.data.subarray(i, i + 10)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const firsts = new Set(Array.from({ length: 400 }, (_, i) => train.labels.get(10 * i)));
    expect(firsts.size).toBe(10);
  });

  it('no two images are the same, in either split or with another seed', () => {
    const sets = [train, test, syntheticDigits({ count: 1000, seed: 2 })];
    const seen = new Set(
      sets.flatMap((set) =>
        Array.from(set.labels.data, (_, i) => Buffer.from(image(set, i)).toString('latin1')),
      ),
    );
    expect(seen.size).toBe(6000);
  });

  it('fits a box of 20 pixels, well inside, its centre of mass near the middle', () => {
    for (let i = 0; i < 4000; i++) {
      const { width, height, offX, offY, left, right, top, bottom, sum } = measure(image(train, i));
      expect(Math.max(width, height)).toBeLessThanOrEqual(20);
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(14);
      expect(Math.max(Math.abs(offX), Math.abs(offY))).toBeLessThan(2.2);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(1);
      expect(Math.max(right, bottom)).toBeLessThanOrEqual(26);
      expect(sum).toBeGreaterThan(3000);
    }
  });

  it('varies within every class: size, width, amount of ink, slant, place', () => {
    for (let digit = 0; digit < 10; digit++) {
      const own = Array.from(train.labels.data.keys()).filter((i) => train.labels.get(i) === digit);
      const measures = own.map((i) => measure(image(train, i)));
      const spread = (values: number[]) => {
        const mean = values.reduce((a, b) => a + b) / values.length;
        return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      };
      expect(spread(measures.map(({ height }) => height))).toBeGreaterThan(0.8);
      expect(spread(measures.map(({ width }) => width))).toBeGreaterThan(1.5);
      expect(spread(measures.map(({ sum }) => sum)) / 20_000).toBeGreaterThan(0.15);
      expect(spread(measures.map(({ offX }) => offX))).toBeGreaterThan(0.4);
      expect(spread(measures.map(({ offY }) => offY))).toBeGreaterThan(0.4);
      expect(spread(own.map((i) => slant(image(train, i))))).toBeGreaterThan(0.12);
    }
  });

  it('uses the whole grey scale, with soft edges, and about as much ink as MNIST', () => {
    const histogram = new Uint32Array(256);
    for (const grey of train.images.data) histogram[grey]!++;
    const pixels = 4000 * 784;
    expect(histogram.every((n) => n > 0)).toBe(true);
    // MNIST: 81 % background, mean grey 33.
    expect(histogram[0]! / pixels).toBeGreaterThan(0.78);
    expect(histogram[0]! / pixels).toBeLessThan(0.88);
    const mean = train.images.data.reduce((sum, grey) => sum + grey, 0) / pixels;
    expect(mean).toBeGreaterThan(25);
    expect(mean).toBeLessThan(38);
  });

  it('can be learnt, but is no toy: nearest neighbours get most of it, class means do not', () => {
    const correct = (guess: (pixels: Uint8Array) => number, count: number) =>
      Array.from({ length: count }, (_, i) => guess(image(test, i)) === test.labels.get(i)).filter(Boolean)
        .length / count;
    const means = classMeans(train);
    const byMean = correct((pixels) => nearest(pixels, means, Array.from(means.keys())), 1000);
    expect(byMean).toBeGreaterThan(0.4);
    expect(byMean).toBeLessThan(0.9);
    const stored = Array.from({ length: 4000 }, (_, i) => image(train, i));
    const byNeighbour = correct((pixels) => nearest(pixels, stored, train.labels.data), 200);
    expect(byNeighbour).toBeGreaterThan(0.85);
    expect(byNeighbour).toBeLessThan(1);
  });

  it('works with the rest of the package', () => {
    const { heldOut } = splitHeldOut(train, { heldOut: 100 });
    expect(heldOut).toMatchObject({ synthetic: true, source: 'generated' });
    for (let digit = 0; digit < 10; digit++)
      expect([...heldOut.labels.data].filter((label) => label === digit)).toHaveLength(10);
  });

  it.each([
    [{ count: 0, seed: 1 }, 'count is 0; expected a whole number from 1 to 10000000.'],
    [{ count: 10 }, 'seed is undefined; expected a whole number, at least 0.'],
    [{ count: 10, seed: 2 ** 53 }, 'seed is 9007199254740992'],
    [{ count: 10, seed: 1, split: 'valid' }, 'split is "valid"; expected one of "train", "test".'],
    [{ count: 10, seed: 1, slant: 2 }, 'unknown option "slant"; it takes '],
  ])('refuses %j', async (options, text) => {
    const error = await errorOf(() => syntheticDigits(options as never));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(text);
  });
});

/** How far the ink leans: the regression of x on y. */
function slant(pixels: Uint8Array): number {
  const { offX, offY } = measure(pixels);
  let [xy, yy] = [0, 0];
  pixels.forEach((grey, k) => {
    const [x, y] = [(k % 28) - 13.5 - offX, Math.floor(k / 28) - 13.5 - offY];
    xy += grey * x * y;
    yy += grey * y * y;
  });
  return -xy / yy;
}

function classMeans(set: ImageDataset): Float64Array[] {
  const means = Array.from({ length: 10 }, () => new Float64Array(784));
  const share = 10 / set.labels.data.length;
  set.labels.data.forEach((label, i) => {
    image(set, i).forEach((grey, k) => {
      means[label]![k]! += grey * share;
    });
  });
  return means;
}

function nearest(
  pixels: Uint8Array,
  points: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
): number {
  let [best, bestDistance] = [-1, Infinity];
  points.forEach((point, i) => {
    let distance = 0;
    for (let k = 0; k < 784; k++) distance += (pixels[k]! - point[k]!) ** 2;
    if (distance < bestDistance) [best, bestDistance] = [labels[i]!, distance];
  });
  return best;
}
