import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { type Batch, batches, type DrawKey, type ImageDataset, scaleToUnit, subset } from '../src/index.js';
import { errorOf } from './support/world.js';

/** Images of 2x3 pixels; pixel p of image i is 10 i + p. */
function makeSet(count: number): ImageDataset {
  const data = Uint8Array.from({ length: count * 6 }, (_, k) => 10 * Math.floor(k / 6) + (k % 6));
  return {
    name: 'ramp',
    split: 'train',
    images: ndarray(data, [count, 2, 3]),
    labels: ndarray(
      Uint8Array.from({ length: count }, (_, i) => i % 4),
      [count],
    ),
    classNames: ['a', 'b', 'c', 'd'],
    synthetic: true,
    source: 'test',
  };
}

const copy = ({ images, labels, indices, step, epoch }: Batch) => ({
  images: [...images.data],
  imageShape: images.shape,
  labels: [...labels.data],
  indices: [...indices],
  step,
  epoch,
});
const copies = (source: Iterable<Batch>) => Array.from(source, copy);

describe('batches', () => {
  it('holds the images and labels that its indices name, scaled to 0...1', () => {
    const set = makeSet(20);
    const all = copies(batches(set, { batchSize: 6, epochs: 2, seed: 4, dropLast: false }));
    expect(all.map(({ indices }) => indices.length)).toEqual([6, 6, 6, 2, 6, 6, 6, 2]);
    for (const batch of all) {
      expect(batch.imageShape).toEqual([batch.indices.length, 2, 3, 1]);
      expect(batch.images).toHaveLength(batch.indices.length * 6);
      batch.indices.forEach((index, i) => {
        for (let p = 0; p < 6; p++) expect(batch.images[6 * i + p]).toBe(Math.fround((10 * index + p) / 255));
        expect(batch.labels[i]).toBe(index % 4);
      });
    }
    expect(new Set(all.slice(0, 4).flatMap(({ indices }) => indices)).size).toBe(20);
  });

  it('entered at k, it goes on as the stream from 0 does; iterations do not disturb each other', () => {
    const set = makeSet(13);
    fc.assert(
      fc.property(fc.nat({ max: 12 }), fc.nat({ max: 1000 }), fc.boolean(), (k, seed, dropLast) => {
        const source = batches(set, { batchSize: 4, epochs: 3, seed, dropLast });
        const all = copies(source);
        expect(all).toHaveLength(source.totalBatches);
        const late = source.iterate(k);
        const first = source.iterate().next().value as Batch;
        expect(copies(late)).toEqual(all.slice(k));
        expect(copy(first)).toEqual(all[0]);
      }),
    );
  });

  it('reuses its memory from batch to batch', () => {
    const buffers = new Set<unknown>();
    for (const batch of batches(makeSet(20), { batchSize: 5, epochs: 3 }))
      buffers.add(batch.images.data.buffer);
    expect(buffers.size).toBe(1);
  });

  it('gives the transform each image once, with its key and a place of the asked size', () => {
    const keys: DrawKey[] = [];
    const source = batches(makeSet(5), {
      batchSize: 2,
      epochs: 2,
      seed: 9,
      dropLast: false,
      outputSize: [1, 2],
      transform: (image, out, key) => {
        keys.push(key);
        expect(image.shape).toEqual([2, 3]);
        out.set(0, 0, image.get(0, 0));
        out.set(0, 1, image.get(1, 2));
      },
    });
    expect(source.imageShape).toEqual([1, 2, 1]);
    const all = copies(source);
    expect(all[0]!.images).toEqual(all[0]!.indices.flatMap((i) => [10 * i, 10 * i + 5]));
    expect(keys).toEqual(
      all.flatMap(({ indices, epoch }) => indices.map((index) => ({ seed: 9, epoch, index }))),
    );
  });

  it('works on a part of a set', () => {
    const part = subset(makeSet(10), { start: 6 });
    const [batch] = copies(batches(part, { batchSize: 4, shuffle: false }));
    expect(batch!.images[0]).toBe(Math.fround(60 / 255));
    expect(batch!.labels).toEqual([2, 3, 0, 1]);
  });

  it.each([
    [{ batchSize: 2, batchsize: 2 }, 'batches: unknown option "batchsize"; it takes '],
    [
      { batchSize: 2, outputSize: [28, 28] },
      'outputSize is [28, 28] but the images are [2, 3], and scaleToUnit keeps the size',
    ],
    [{ batchSize: 2, outputSize: [2, 0], transform: () => {} }, 'outputSize[1] is 0'],
    [{ batchSize: 9 }, 'a batch of 9 cannot be filled from 5 images'],
  ])('refuses %j', async (options, text) => {
    const error = await errorOf(() => batches(makeSet(5), options as never));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(text);
  });

  it('refuses another number of labels than images', async () => {
    const set = { ...makeSet(5), labels: ndarray(new Uint8Array(4), [4]) };
    const error = await errorOf(() => batches(set, { batchSize: 2 }));
    expect(error.code).toBe('BAD_LABELS');
    expect(error.message).toBe('batches: 5 images but 4 labels; expected one label an image.');
  });
});

describe('scaleToUnit', () => {
  const key = { seed: 0, epoch: 0, index: 0 };

  it('follows strides on both sides, and leaves floats as they are', () => {
    const out = ndarray(new Float32Array(6), [3, 2]).transpose(1, 0);
    scaleToUnit(ndarray(Uint8Array.of(0, 51, 102, 153, 204, 255), [2, 3]), out, key);
    expect([...out.data]).toEqual([0, 153, 51, 204, 102, 255].map((pixel) => Math.fround(pixel / 255)));
    const floats = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]).step(-1, 1);
    const plain = ndarray(new Float32Array(6), [2, 3]);
    scaleToUnit(floats, plain, key);
    expect([...plain.data]).toEqual([4, 5, 6, 1, 2, 3]);
  });

  it('refuses another size', async () => {
    const error = await errorOf(() =>
      scaleToUnit(ndarray(new Uint8Array(6), [2, 3]), ndarray(new Float32Array(6), [3, 2]), key),
    );
    expect(error.message).toBe('scaleToUnit: the image is [2, 3], out is [3, 2]; expected the same size.');
  });
});
