import '@tensorflow/tfjs-backend-cpu';
import { compose, normalize, rotate, shift } from '@mnist/augment';
import { batches, splitHeldOut, syntheticDigits } from '@mnist/dataset';
import { bestEngine } from '@mnist/engine';
import { type Callback, Trainer, validation } from '@mnist/train';
import { layers, sequential } from '@tensorflow/tfjs-layers';

// Data: drawn digits, so that this runs anywhere. `await loadDataset('mnist', { split: 'train' })` gives the real ones.
const { train, heldOut } = splitHeldOut(syntheticDigits({ count: 2500, seed: 1 }), { heldOut: 500, seed: 1 });

// An augmentation of one's own, from parts; the last one normalises as the net expects it.
const augmentation = compose(rotate({ degrees: 8 }), shift(), normalize);

// A net of one's own. The loss takes logits, so there is no softmax at the end.
const model = sequential({
  layers: [
    layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, strides: 2, activation: 'relu' }),
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10 }),
  ],
});

// What computes: the fastest engine that this machine has for this net.
const { engine, why } = await bestEngine({
  from: [() => import('@mnist/native'), () => import('@mnist/onnx'), () => import('@mnist/tfjs')],
  model,
});
console.log(`engine ${why}`);

// A schedule of one's own is a function of the step, a callback of one's own an object with hooks.
const data = batches(train, { batchSize: 50, epochs: 6, seed: 1, transform: augmentation });
const zigzag = (step: number) => 4e-3 * (1 - step / data.totalBatches) * (step % 2 === 0 ? 1.5 : 0.5);
const story: Callback = {
  name: 'story',
  epochEnd: (run, epoch) =>
    console.log(`epoch ${epoch + 1}: held-out accuracy ${run.metrics.get('validationAccuracy')?.value}`),
};

// Held-out images as one batch, seen as they are.
const whole = batches(heldOut, { batchSize: 500, shuffle: false, transform: normalize });
const { images, labels } = await (async () => {
  for await (const batch of whole.iterate()) return batch;
  throw new Error('no held-out images');
})();

const trainer = new Trainer({
  model,
  engine,
  data,
  learningRate: zigzag,
  callbacks: [validation({ images, labels }), story],
});
const { steps, loss } = await trainer.train();
console.log(
  `trained ${steps} steps on drawn digits (${train.synthetic ? 'synthetic' : 'real'}), last loss ${loss?.toFixed(3)}`,
);
