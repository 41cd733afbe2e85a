import '@tensorflow/tfjs-backend-cpu';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { type DistilledBatch, distill, type Teacher } from '../src/index.js';
import { engine, train } from './_callback-kit.js';
import { tinyBatch, tinyNet, tinySource, weightsOf } from './_tiny.js';

const constant =
  (...row: number[]): Teacher =>
  (images) => {
    const count = images.shape[0]!;
    return ndarray(
      Float32Array.from({ length: 3 * count }, (_, i) => row[i % 3]!),
      [count, 3],
    );
  };

const targetsOf = ({ targets }: DistilledBatch) =>
  Array.from({ length: targets.shape[0]! }, (_, n) => [0, 1, 2].map((k) => targets.get(n, k)));

describe('distill', () => {
  const source = tinySource();

  it('gives the mean of the teachers, mixed with the labels by the share', async () => {
    const mixed = distill(source, [constant(1, 0, 0), constant(0, 0.5, 0.5)], { labelShare: 0.2 });
    let step = 3;
    for await (const batch of mixed.iterate(3)) {
      expect(batch.step).toBe(step++);
      for (const [n, row] of targetsOf(batch).entries()) {
        const expected = [0.5, 0.25, 0.25].map(
          (mean, k) => 0.8 * mean + (batch.labels.get(n) === k ? 0.2 : 0),
        );
        for (const [k, value] of expected.entries()) expect(row[k]).toBeCloseTo(value, 6);
      }
    }
    expect(step).toBe(source.totalBatches);
    expect(mixed).toMatchObject({
      batchSize: 4,
      batchesPerEpoch: 5,
      totalBatches: 10,
      imageShape: [4, 4, 1],
    });
  });

  it('shows the teacher the very views that the student sees', async () => {
    const seen: number[][] = [];
    const teacher: Teacher = (images) => {
      seen.push([...images.data]);
      return constant(1, 0, 0)(images);
    };
    const views: number[][] = [];
    for await (const batch of distill(source, teacher).iterate()) views.push([...batch.images.data]);
    expect(seen).toEqual(views);
  });

  it('the trainer trains on the targets: labels as targets equal the labels, others do not', async () => {
    const labels: Teacher = constant(1, 0, 0);
    const trained = async (data: ReturnType<typeof distill> | typeof source) => {
      const model = tinyNet();
      await train([], { model, data });
      return weightsOf(model);
    };
    const hard = await trained(source);
    expect(await trained(distill(source, labels, { labelShare: 1 }))).toEqual(hard);
    expect(await trained(distill(source, labels, { labelShare: 0.5 }))).not.toEqual(hard);
  });

  it('a student comes to agree with its teacher', async () => {
    const student = tinyNet(2, 0);
    await train([], {
      model: student,
      data: distill(tinySource({ epochs: 40 }), constant(0.7, 0.2, 0.1)),
      learningRate: 3e-3,
    });
    const session = await engine.open(student, { batchSize: 4 });
    const logits = await session.predict(tinyBatch(8, 99).images);
    await session.dispose();
    for (let n = 0; n < 8; n++) {
      const powers = [0, 1, 2].map((k) => Math.exp(logits.get(n, k)));
      const sum = powers.reduce((a, b) => a + b);
      expect(powers[0]! / sum).toBeGreaterThan(0.5);
      expect(powers[2]! / sum).toBeLessThan(0.25);
    }
  });

  it.each([
    ['logits', constant(3, -1, 0), /image 0 of the batch sum to 2; .*softmax/],
    ['another shape', () => ndarray(new Float32Array(6), [2, 3]), /shape \[2, 3\] for 4 images/],
  ] as [string, Teacher, RegExp][])('refuses %s', async (_what, teacher, text) => {
    await expect(train([], { data: distill(source, teacher) })).rejects.toThrow(text);
  });
  it('refuses wrong arguments', () => {
    expect(() => distill(source, [])).toThrow(/at least one/);
    expect(() => distill(source, constant(1, 0, 0), { labelShare: 2 })).toThrow(/labelShare is 2/);
    expect(() => distill(source, 'x' as never)).toThrow(/a teacher is a function/);
  });
});
