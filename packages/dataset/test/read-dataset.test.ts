import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { batches, type GreyPicture, readDataset } from '../src/index.js';
import { encodeIdx } from './support/idx.js';
import { errorOf, makeWorld } from './support/world.js';

const images = encodeIdx(8, [3, 2, 4], [...Array(24).keys()]);
const labels = encodeIdx(8, [3], [2, 0, 11]);
/** A picture file of these tests: its width, its height and its pixels. */
const decode = (bytes: Uint8Array): GreyPicture => ({
  width: bytes[0]!,
  height: bytes[1]!,
  data: bytes.subarray(2),
});

describe('readDataset', () => {
  it('reads IDX files of any size and number, gzipped or not', async () => {
    const { root, put } = await makeWorld();
    await put(join(root, 'mine'), {
      'train-images-idx3-ubyte.gz': gzipSync(images),
      'train-labels-idx1-ubyte': labels,
      'test-images.idx3-ubyte': encodeIdx(8, [1, 2, 4], [9, 9, 9, 9, 9, 9, 9, 9]),
      'test-labels.idx1-ubyte': encodeIdx(8, [1], [5]),
    });
    const set = await readDataset(join(root, 'mine'));
    expect(set).toMatchObject({ name: 'mine', split: 'train', synthetic: false });
    expect(set.images.shape).toEqual([3, 2, 4]);
    expect([...set.labels.data]).toEqual([2, 0, 11]);
    expect(set.classNames).toHaveLength(12);
    expect([...batches(set, { batchSize: 3 })][0]!.images.shape).toEqual([3, 2, 4, 1]);
    const test = await readDataset(join(root, 'mine'), { split: 'test', name: 'own' });
    expect([test.name, ...test.labels.data, test.images.get(0, 1, 3)]).toEqual(['own', 5, 9]);
  });

  it('reads a table, and a folder of pictures by class', async () => {
    const { root, put } = await makeWorld();
    await writeFile(join(root, 'table.csv'), 'label,a,b,c,d\n1,0,1,2,3\n0,4,5,6,7\n');
    const table = await readDataset(join(root, 'table.csv'));
    expect([...table.images.data, ...table.labels.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 1, 0]);

    const picture = (...pixels: number[]) => Uint8Array.of(1, 2, ...pixels);
    await put(join(root, 'pictures', 'train', '10'), { 'a.png': picture(5, 6) });
    await put(join(root, 'pictures', 'train', '9'), { 'b.png': picture(3, 4), 'a.png': picture(1, 2) });
    await put(join(root, 'pictures', 'train', '.cache'), { 'x.png': picture(1, 2) });
    const set = await readDataset(join(root, 'pictures'), { decode });
    expect(set.classNames).toEqual(['9', '10']);
    expect([...set.images.data, ...set.labels.data]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 1]);
    expect(set.images.shape).toEqual([3, 2, 1]);
    expect((await errorOf(readDataset(join(root, 'pictures')))).message).toContain('decode is undefined');
    await put(join(root, 'pictures', 'train', '9'), { 'c.png': Uint8Array.of(2, 1, 0, 0) });
    expect((await errorOf(readDataset(join(root, 'pictures'), { decode }))).code).toBe('WRONG_SHAPE');
  });

  it('says what is wrong', async () => {
    const { root, put } = await makeWorld();
    const codeOf = async (place: string, options = {}) => (await errorOf(readDataset(place, options))).code;
    expect(await codeOf(join(root, 'nowhere'))).toBe('DATASET_UNAVAILABLE');
    expect(await codeOf(await put(join(root, 'empty'), {}))).toBe('DATASET_UNAVAILABLE');
    expect(await codeOf(root, { spilt: 'test' })).toBe('INVALID_OPTION');
    const pair = { 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels };
    const mine = await put(join(root, 'mine'), pair);
    expect(await codeOf(mine, { classNames: ['a', 'b'] })).toBe('BAD_LABELS');
    await put(mine, { 'train-labels-idx1-ubyte': encodeIdx(8, [2], [0, 1]) });
    expect(await codeOf(mine)).toBe('BAD_LABELS');
    await put(mine, { 'train-images-idx3-ubyte': encodeIdx(13, [1, 1, 1], [1]) });
    expect(await codeOf(mine)).toBe('WRONG_SHAPE');
  });
});
