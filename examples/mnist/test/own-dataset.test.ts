import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { loadOwnDataset } from '../src/experiment/own-dataset.js';
import { useProgram } from './support/program.js';

const { place, run } = useProgram();

/** A bar or a cross in dark ink on white, 40 x 30 pixels, `shift` pixels off its place. */
function picture(kind: 'bar' | 'cross', shift: number): Uint8Array {
  const [width, height] = [40, 30];
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) - 18 - shift, Math.floor(i / width) - 14];
    const upright = Math.abs(x) < 3 && Math.abs(y) < 11;
    const level = Math.abs(y) < 3 && Math.abs(x) < 11;
    return upright || (kind === 'cross' && level) ? 20 : 250;
  });
  return encode({ width, height, data, channels: 1, depth: 8 });
}

async function writeClasses(folder: string, count: number): Promise<void> {
  for (const kind of ['bar', 'cross'] as const) {
    await mkdir(join(folder, kind), { recursive: true });
    for (let i = 0; i < count; i++)
      await writeFile(join(folder, kind, `${i}.png`), picture(kind, (i % 7) - 3));
  }
}

/** An IDX file of bytes. */
function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.from([0, 0, 8, shape.length, ...shape.flatMap((n) => [n >> 24, n >> 16, n >> 8, n])]);
  return Buffer.concat([header, data]);
}

describe("a data set of one's own", () => {
  it('is a folder of pictures a class; without a test part one in six is held out, of each class alike', async () => {
    const folder = join(place.folder, 'shapes');
    await writeClasses(folder, 30);
    const { train, test, notes } = await loadOwnDataset(folder);
    expect(train.classNames).toEqual(['bar', 'cross']);
    expect(train.images.shape).toEqual([50, 28, 28]);
    expect(test.split).toBe('test');
    expect([...test.labels.data].sort()).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(notes.join()).toMatch(/no part for testing: 10 images/);
    // Ink became bright, paper dark, the whole picture is there.
    const row = Array.from({ length: 28 }, (_, x) => train.images.get(0, 14, x));
    expect(Math.max(...row)).toBeGreaterThan(225);
    expect(Math.min(...row)).toBeLessThan(10);
    const again = await loadOwnDataset(folder);
    expect([...again.test.images.data]).toEqual([...test.images.data]);
  });

  it('is a pair of IDX files of any size and number', async () => {
    const folder = join(place.folder, 'small');
    await mkdir(folder);
    for (const [prefix, count] of [
      ['train', 4],
      ['t10k', 2],
    ] as const) {
      const images = new Uint8Array(count * 10 * 5).fill(200);
      await writeFile(join(folder, `${prefix}-images-idx3-ubyte`), idx([count, 10, 5], images));
      await writeFile(
        join(folder, `${prefix}-labels-idx1-ubyte`),
        idx(
          [count],
          new Uint8Array(count).map((_, i) => i % 2),
        ),
      );
    }
    const { train, test, notes } = await loadOwnDataset(folder);
    expect([train.images.shape, test.images.shape]).toEqual([
      [4, 28, 28],
      [2, 28, 28],
    ]);
    // 10 rows of 5 fill 28 rows of 14.
    expect([train.images.get(0, 0, 14), train.images.get(0, 14, 6), train.images.get(0, 14, 7)]).toEqual([
      200, 0, 200,
    ]);
    expect(notes).toEqual(['its images of 5 x 10 pixels are brought to 28 x 28']);
  });

  it('trains, is tested, and its nets read further pictures', async () => {
    await writeClasses(join(place.folder, 'more', 'train'), 40);
    await writeClasses(join(place.folder, 'more', 'test'), 7);
    const options = [
      '--net',
      'lenet5',
      '--epochs',
      '8',
      '--batch-size',
      '10',
      '--lr',
      '3e-3',
      '--engine',
      'onnx',
    ];
    const trained = await run([
      'train',
      '--dataset',
      'own',
      '--data-dir',
      'more',
      ...options,
      '--out',
      'net',
      '--json',
    ]);
    expect(trained.code, trained.err).toBe(0);
    expect(trained.err).toMatch(/more: 80 training and 14 test images of 2 classes/);
    expect(JSON.parse(trained.out)).toMatchObject({ dataset: 'more', count: 14, synthetic: false });
    const evaluated = await run(['evaluate', 'net', '--engine', 'onnx', '--json']);
    expect(JSON.parse(evaluated.out).accuracy).toBeGreaterThan(0.8);
    const file = join('more', 'test', 'cross', '3.png');
    const { out, code, err } = await run(['predict', file, '--model', 'net', '--engine', 'onnx', '--json']);
    expect(code, err).toBe(0);
    expect(JSON.parse(out).results[0]).toMatchObject({ predicted: 'cross' });
    const unnamed = await run(['train', '--dataset', 'own']);
    expect(unnamed.err).toMatch(/--dataset own wants --data-dir/);
    expect(unnamed.code).toBe(2);
  }, 120_000);
});
