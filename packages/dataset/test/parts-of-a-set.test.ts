import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { type ImageDataset, splitHeldOut, subset } from '../src/index.js';
import { errorOf } from './support/world.js';

/** A set of 1x2 pixels that carry the image's number. */
function makeSet(labels: readonly number[]): ImageDataset {
  const count = labels.length;
  return {
    name: 'numbered',
    split: 'train',
    images: ndarray(
      Uint8Array.from({ length: count * 2 }, (_, k) => (k % 2 ? k >> 9 : k >> 1)),
      [count, 1, 2],
    ),
    labels: ndarray(Uint8Array.from(labels), [count]),
    classNames: ['0', '1', '2', '3'],
    synthetic: true,
    source: 'test',
  };
}
const numbers = ({ images, labels }: ImageDataset) =>
  Array.from({ length: labels.shape[0]! }, (_, i) => images.get(i, 0, 0) + 256 * images.get(i, 0, 1));

const labelLists = fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 300 });

describe('splitHeldOut', () => {
  it('is complete, disjoint, in order, and fair to every class', () => {
    fc.assert(
      fc.property(labelLists, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (labels, part, seed) => {
        const wanted = 1 + Math.round(part * (labels.length - 2));
        const { train, heldOut } = splitHeldOut(makeSet(labels), { heldOut: wanted, seed });
        expect(numbers(heldOut)).toHaveLength(wanted);
        const together = [...numbers(train), ...numbers(heldOut)].sort((a, b) => a - b);
        expect(together).toEqual(labels.map((_, i) => i));
        for (const set of [train, heldOut]) {
          expect(numbers(set)).toEqual(numbers(set).sort((a, b) => a - b));
          numbers(set).forEach((number, i) => {
            expect(set.labels.get(i)).toBe(labels[number]);
          });
        }
        for (const label of new Set(labels)) {
          const exact = (labels.filter((one) => one === label).length * wanted) / labels.length;
          const taken = [...heldOut.labels.data].filter((one) => one === label).length;
          expect(Math.abs(taken - exact)).toBeLessThan(1);
        }
      }),
    );
  });

  it('follows from the seed', () => {
    const set = makeSet(Array.from({ length: 200 }, (_, i) => i % 4));
    const held = (seed?: number) => numbers(splitHeldOut(set, { heldOut: 40, seed }).heldOut).join();
    expect(held(1)).toBe(held(1));
    expect(held()).toBe(held(0));
    expect(new Set(Array.from({ length: 50 }, (_, seed) => held(seed))).size).toBe(50);
  });

  it.each([
    [{ heldOut: 0 }, 'heldOut is 0; expected a whole number from 1 to 3.'],
    [{ heldOut: 4 }, 'heldOut is 4'],
    [{ heldOut: 0.2 }, 'heldOut is 0.2'],
    [{ heldOut: 2, seed: 1.5 }, 'seed is 1.5'],
    [{ heldOut: 2, sed: 1 }, 'unknown option "sed"; it takes '],
  ])('refuses %j', async (options, text) => {
    const error = await errorOf(() => splitHeldOut(makeSet([0, 1, 2, 3]), options as never));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(text);
  });
});

describe('subset', () => {
  const set = makeSet([0, 1, 2, 3, 0, 1]);

  it('by range: a view', () => {
    const part = subset(set, { start: 2, end: 5 });
    expect(numbers(part)).toEqual([2, 3, 4]);
    expect([...part.labels.data]).toEqual([2, 3, 0]);
    expect(part.images.data.buffer).toBe(set.images.data.buffer);
    expect(numbers(subset(subset(set, { start: 1 }), { end: 2 }))).toEqual([1, 2]);
    expect(numbers(subset(set, {}))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(part).toMatchObject({ name: 'numbered', synthetic: true, split: 'train' });
  });

  it('by indices: a copy, in that order, repeats allowed', () => {
    const part = subset(set, Uint32Array.of(5, 0, 5));
    expect(numbers(part)).toEqual([5, 0, 5]);
    expect([...part.labels.data]).toEqual([1, 0, 1]);
    part.images.set(0, 0, 0, 99);
    expect(numbers(set)[5]).toBe(5);
    expect(numbers(subset(subset(set, { start: 3 }), [2, 0]))).toEqual([5, 3]);
  });

  it.each([
    [{ start: 2, end: 1 }, 'end is 1; expected a whole number from 2 to 6.'],
    [{ end: 7 }, 'end is 7; expected a whole number from 0 to 6.'],
    [{ start: -1 }, 'start is -1'],
    [[0, 6], 'index 1 is 6; expected a whole number from 0 to 5.'],
    [[0.5], 'index 0 is 0.5'],
    [{ from: 1 }, 'unknown option "from"; it takes '],
  ])('refuses %j', async (selection, text) => {
    const error = await errorOf(() => subset(set, selection as never));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(text);
  });
});
