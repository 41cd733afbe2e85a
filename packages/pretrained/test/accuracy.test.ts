import '@tensorflow/tfjs-backend-cpu';
import { availableParallelism } from 'node:os';
import { fusedEvaluationPipeline } from '@mnist/augment';
import { type ImageDataset, loadDataset } from '@mnist/dataset';
import { bestEngine, type Engine } from '@mnist/engine';
import { type Probabilities, predictedClasses, softmax, softVote } from '@mnist/ensemble';
import { enableProdMode } from '@tensorflow/tfjs-core';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, it } from 'vitest';
import { committee, loadNet } from '../src/index.js';

const hasData = Boolean(process.env.MNIST_DATA_DIR);
if (!hasData) {
  console.warn(
    'SKIPPED: MNIST_DATA_DIR names no folder with MNIST; without it nobody knows what the nets achieve.',
  );
}
const { nets, test, recipe } = committee();

describe.skipIf(!hasData)('on the test images of MNIST', () => {
  let images: ImageDataset;
  let engine: Engine;
  beforeAll(async () => {
    enableProdMode();
    images = await loadDataset('mnist', { split: 'test', download: false });
    const threads = availableParallelism();
    ({ engine } = await bestEngine({
      from: [() => import('@mnist/native'), () => import('@mnist/onnx')],
      threads,
    }));
  });

  /** What a net says of some of the images, [count, 10], and what computed it. */
  async function ask(net: string, indices: readonly number[]) {
    const view = fusedEvaluationPipeline();
    const shown = ndarray(new Float32Array(indices.length * 784), [indices.length, 28, 28, 1]);
    for (const [at, index] of indices.entries()) {
      const key = { seed: 0, epoch: 0, index };
      view(images.images.pick(index, null, null), shown.pick(at, null, null, 0), key);
    }
    const model = await loadNet(net);
    const session = await engine.open(model, { batchSize: 100 });
    try {
      return { probabilities: softmax(await session.predict(shown)), computedBy: session.computedBy };
    } finally {
      await session.dispose();
      model.dispose();
    }
  }

  it('the view that the nets want is the one that is shown here', () => {
    expect(recipe.augmentation).toBe('fused');
  });

  const described = [
    { title: 'the last of the committee', net: nets.at(-1)!, tested: test },
    ...(['distilled-compact', 'distilled-double'] as const).map((title) => {
      const { nets: singles, test: tested } = committee(title);
      return { title, net: singles[0]!, tested };
    }),
  ];
  it.each(described)(
    '$title errs as often as is written of it',
    async ({ net, tested }) => {
      const all = Array.from({ length: tested.count }, (_, index) => index);
      const { probabilities, computedBy } = await ask(net.name, all);
      const answers = predictedClasses(probabilities);
      const errors = all.filter((index) => answers[index] !== images.labels.get(index)).length;
      console.info(
        `net ${net.name}: ${errors} errors by ${computedBy}, ${net.errors} by ${tested.computedBy}`,
      );
      // Another engine rounds otherwise.
      expect(Math.abs(errors - net.errors)).toBeLessThanOrEqual(computedBy === tested.computedBy ? 0 : 2);
    },
    120_000,
  );

  it('together they make the mistakes of committee.json, and none among 200 other images', async () => {
    const wrong = new Map(test.mistakes.map(({ image, answer }) => [image, answer]));
    const others = Array.from({ length: 200 }, (_, i) => 50 * i).filter((index) => !wrong.has(index));
    const asked = [...wrong.keys(), ...others];
    const votes: Probabilities[] = [];
    let by = '';
    for (const { name } of nets) {
      const { probabilities, computedBy } = await ask(name, asked);
      votes.push(probabilities);
      by = computedBy;
    }
    const answers = predictedClasses(softVote(votes));
    const moved = asked.filter((index, at) => answers[at] !== (wrong.get(index) ?? images.labels.get(index)));
    console.info(`${asked.length} images by ${nets.length} nets on ${by}: ${moved.length} answers moved`);
    expect(moved.length).toBeLessThanOrEqual(by === test.computedBy ? 0 : 2);
    for (const { image, label } of test.mistakes) expect(images.labels.get(image)).toBe(label);
  }, 120_000);
});
