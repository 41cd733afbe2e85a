import type { Batch } from '@mnist/dataset';
import ndarray, { type NdArray } from 'ndarray';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Classifier,
  classifierFrom,
  evaluate,
  type LabelledImages,
  softmax,
  softVote,
  testTimeAugmentation,
  VotingClassifier,
  viewFrom,
} from '../src/index.js';
import { rowsOf, table } from './_fixtures.js';

type Images = NdArray<Float32Array>;

/** Logits that depend on the image: class c gets pixel c, scaled. */
function pixelNet(name: string, scale: number, seen: number[] = []): Classifier {
  return classifierFrom({
    name,
    classCount: 3,
    batchSize: 4,
    predict: async (images) => {
      const count = images.shape[0]!;
      seen.push(count);
      return ndarray(
        Float32Array.from(
          { length: count * 3 },
          (_, i) => scale * images.get(Math.floor(i / 3), 0, i % 3, 0),
        ),
        [count, 3],
      );
    },
  });
}

function images(...rows: number[][]): Images {
  return ndarray(Float32Array.from(rows.flat()), [rows.length, 1, rows[0]!.length, 1]);
}

const ten = images(
  ...Array.from({ length: 10 }, (_, i) => [i % 3 === 0 ? 1 : 0, i % 3 === 1 ? 1 : 0, i % 3 === 2 ? 1 : 0]),
);

describe('softmax', () => {
  it('is stable for logits of any size', () => {
    expect(rowsOf(softmax(table([1000, 1000], [-1000, -1001], [3e38, -3e38])))).toEqual([
      [0.5, 0.5],
      [Math.fround(1 / (1 + Math.exp(-1))), Math.fround(1 - 1 / (1 + Math.exp(-1)))],
      [1, 0],
    ]);
  });
});

describe('classifierFrom', () => {
  it('asks in batches and never drops the last one', async () => {
    const seen: number[] = [];
    const probabilities = await pixelNet('net', 5, seen).classify(ten);
    expect(seen).toEqual([4, 4, 2]);
    expect(probabilities.shape).toEqual([10, 3]);
    for (const row of rowsOf(probabilities)) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  });

  it('gives the same for strided images and for a view that undoes itself', async () => {
    const expected = await pixelNet('net', 5).classify(ten);
    const wide = new Float32Array(10 * 6);
    for (let i = 0; i < 10; i++) for (let c = 0; c < 3; c++) wide[i * 6 + 2 * c + 1] = ten.get(i, 0, c, 0);
    const strided = ndarray(wide, [10, 1, 3, 1], [6, 6, 2, 1], 1);
    expect((await pixelNet('net', 5).classify(strided)).data).toEqual(expected.data);
    const flipped = classifierFrom({
      name: 'flipped',
      classCount: 3,
      view: (batch) => batch.step(1, 1, -1, 1),
      predict: (batch) =>
        ndarray(
          batch.data.map((value) => 5 * value),
          [batch.shape[0]!, 3],
        ),
    });
    expect((await flipped.classify(ten.step(1, 1, -1, 1))).data).toEqual(expected.data);
  });

  it('takes probabilities as they are', async () => {
    const fixed = classifierFrom({
      name: 'fixed',
      classCount: 2,
      output: 'probabilities',
      predict: () => table([0.25, 0.75]),
    });
    expect(rowsOf(await fixed.classify(images([0])))).toEqual([[0.25, 0.75]]);
  });
});

describe('VotingClassifier', () => {
  const members = [pixelNet('a', 1), pixelNet('b', 2), pixelNet('c', -3)];

  it('averages the softmax outputs', async () => {
    const expected = softVote(await Promise.all(members.map((member) => member.classify(ten))));
    expect((await new VotingClassifier(members).classify(ten)).data).toEqual(expected.data);
    for (const concurrency of [2, 8]) {
      const voted = await new VotingClassifier(members, { concurrency }).classify(ten);
      expect(voted.data).toEqual(expected.data);
    }
  });

  it('is a classifier, so committees nest', async () => {
    const inner = new VotingClassifier(members.slice(0, 2));
    const outer: Classifier = new VotingClassifier([inner, members[2]!], { name: 'outer' });
    expectTypeOf<VotingClassifier>().toExtend<Classifier>();
    expect(outer.name).toBe('outer');
    const voted = rowsOf(await outer.classify(ten));
    const [a, b, c] = await Promise.all(members.map(async (member) => rowsOf(await member.classify(ten))));
    voted.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(((a!.flat()[i]! + b!.flat()[i]!) / 2 + c!.flat()[i]!) / 2, 6);
    });
  });

  it('votes hard and weighted', async () => {
    const hard = await new VotingClassifier(members, { voting: 'hard' }).classify(images([1, 0, 0]));
    expect(rowsOf(hard)[0]![0]).toBeCloseTo(2 / 3, 6);
    const weighted = new VotingClassifier(members, { weights: [0, 0, 1] });
    expect(weighted.name).toBe('committee of 3 (weighted soft vote)');
    const third = (await members[2]!.classify(ten)).data;
    expect((await weighted.classify(ten)).data).toEqual(third);
  });
});

describe('evaluate', () => {
  const labels = Uint8Array.from({ length: 10 }, (_, i) => (i === 9 ? 1 : i % 3));

  it('counts every image of an array and of a stream', async () => {
    const progress: [number, number | undefined][] = [];
    const whole = await evaluate(
      pixelNet('net', 5),
      { images: ten, labels },
      {
        batchSize: 4,
        onProgress: (done, total) => progress.push([done, total]),
      },
    );
    expect(whole).toMatchObject({ name: 'net', count: 10, correct: 9, errors: 1, accuracy: 0.9 });
    expect(progress).toEqual([
      [4, 10],
      [8, 10],
      [10, 10],
    ]);
    expect([...whole.labels]).toEqual([...labels]);
    async function* stream() {
      // One buffer for all batches, as a loader uses: what evaluate keeps must be a copy.
      const buffer = ndarray(new Float32Array(4 * 3), [4, 1, 3, 1]);
      for (const [from, to] of [
        [0, 4],
        [4, 8],
        [8, 10],
      ] as const) {
        buffer.data.set(ten.data.subarray(from * 3, to * 3));
        yield { images: buffer.hi(to - from, 1, 3, 1), labels: labels.subarray(from, to) };
      }
    }
    const streamed = await evaluate(pixelNet('net', 5), stream());
    expect(streamed.probabilities.data).toEqual(whole.probabilities.data);
    expect(streamed.correct).toBe(9);
  });

  it('takes the batches of @mnist/dataset', () => {
    expectTypeOf<Batch>().toExtend<LabelledImages>();
  });

  it('stops when asked', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(evaluate(pixelNet('net', 5), { images: ten, labels }, { signal })).rejects.toThrow('enough');
  });
});

/** Left and right exchanged. */
const mirror = viewFrom((image, out) => {
  const [height, width] = image.shape as [number, number];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out.set(y, x, image.get(y, width - 1 - x));
});

describe('test-time augmentation', () => {
  it('averages the views', async () => {
    const net = pixelNet('net', 2);
    const views = [(batch: Images) => batch, mirror];
    const augmented = testTimeAugmentation(net, views);
    expect(augmented.name).toBe('net (2 views)');
    const expected = softVote(await Promise.all(views.map((view) => net.classify(view(ten)))));
    expect((await augmented.classify(ten)).data).toEqual(expected.data);
  });

  it('makes a view of an image transform, and leaves its argument alone', () => {
    const images = ndarray(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]), [2, 2, 2, 1]);
    expect([...mirror(images).data]).toEqual([2, 1, 4, 3, 6, 5, 8, 7]);
    const keys: object[] = [];
    viewFrom((_image, _out, key) => void keys.push({ ...key }), { seed: 5 })(images);
    expect(keys).toEqual([
      { seed: 5, epoch: 0, index: 0 },
      { seed: 5, epoch: 0, index: 1 },
    ]);
    expect([...images.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
