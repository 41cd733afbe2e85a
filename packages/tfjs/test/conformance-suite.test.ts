import '@tensorflow/tfjs-backend-cpu';
import type { Engine, TrainingSession } from '@mnist/engine';
import { ConformanceError, engineConformanceCases } from '@mnist/engine/conformance';
import * as tf from '@tensorflow/tfjs-core';
import ndarray, { type NdArray } from 'ndarray';
import { describe, expect, it } from 'vitest';
import { tfjsEngine } from '../src/index.js';

// The suite is worth what it catches: each engine here has one fault, and the cases named must find it.
const sound = tfjsEngine({ backend: 'cpu' });

function faulty(change: (session: TrainingSession) => Partial<TrainingSession>): Engine {
  return {
    name: 'faulty',
    async open(model, options) {
      const session = await sound.open(model, options);
      const methods: TrainingSession = {
        computedBy: session.computedBy,
        step: (batch, hyper) => session.step(batch, hyper),
        predict: (images) => session.predict(images),
        state: () => session.state(),
        restore: (state) => session.restore(state),
        writeBack: () => session.writeBack(),
        dispose: () => session.dispose(),
      };
      return { ...methods, ...change(session) };
    },
  };
}

/** A backend whose max-pool gradient goes to every element that equals the maximum. */
function equalityMaskEngine(): Engine {
  tf.registerBackend('equality-mask', tf.findBackendFactory('cpu'));
  tf.copyRegisteredKernels('cpu', 'equality-mask');
  tf.unregisterKernel('MaxPoolGrad', 'equality-mask');
  tf.registerKernel({
    kernelName: 'MaxPoolGrad',
    backendName: 'equality-mask',
    kernelFunc: ({ inputs, backend }) => {
      const { dy, input, output } = inputs as Record<string, tf.Tensor4D>;
      const { data, makeTensorInfo } = backend as unknown as {
        data: Map<object, { values: Float32Array }>;
        makeTensorInfo(shape: number[], dtype: string, values: Float32Array): tf.TensorInfo;
      };
      const [x, best, gradient] = [input, output, dy].map((tensor) => data.get(tensor!.dataId)!.values);
      const [, height, width, channels] = input!.shape;
      const [, outHeight, outWidth] = output!.shape;
      const out = x!.map((value, i) => {
        const k = i % channels;
        const column = Math.floor(i / channels) % width;
        const row = Math.floor(i / channels / width) % height;
        const n = Math.floor(i / channels / width / height);
        const at = ((n * outHeight + (row >> 1)) * outWidth + (column >> 1)) * channels + k;
        return value === best![at] ? gradient![at]! : 0;
      });
      return makeTensorInfo.call(backend, input!.shape, 'float32', out);
    },
  });
  return tfjsEngine({ backend: 'equality-mask' });
}

const faults: [string, () => Engine, RegExp][] = [
  [
    'weight decay is ignored',
    () => faulty((s) => ({ step: (b, h) => s.step(b, { ...h, weightDecay: 0 }) })),
    /weight decay/,
  ],
  [
    'momentum stays what it was',
    () => faulty((s) => ({ step: (b, h) => s.step(b, { ...h, momentum: 0.9 }) })),
    /changing each step/,
  ],
  [
    'the loss is a sum',
    () =>
      faulty((s) => ({ step: async (b, h) => ({ loss: (await s.step(b, h)).loss * b.images.shape[0]! }) })),
    /loss and gradients of dense/,
  ],
  [
    'the running variance is off by the factor of Bessel',
    () =>
      faulty((s) => ({
        async state() {
          const state = await s.state();
          const statistics = state.statistics.map((tensor) =>
            tensor.name.endsWith('variance') && state.step > 0
              ? { ...tensor, data: tensor.data.map((value) => (value * 383) / 384) }
              : tensor,
          );
          return { ...state, statistics };
        },
      })),
    /Adam over batch norm/,
  ],
  ['ties in max pooling all get the gradient', equalityMaskEngine, /ties in max pooling/],
  [
    'strides are not heeded',
    () => faulty((s) => ({ predict: (x) => s.predict(ndarray(x.data.slice(0, x.size), x.shape)) })),
    /strided views/,
  ],
  [
    'the step is not restored',
    () => faulty((s) => ({ restore: (state) => s.restore({ ...state, step: 0 }) })),
    /bit for bit \(Adam\)/,
  ],
  [
    'the moments are not restored',
    () =>
      faulty((s) => ({
        restore: async (state) => s.restore({ ...state, slots: (await s.state()).slots }),
      })),
    /bit for bit \(SGD/,
  ],
  [
    'the model is trained in place',
    () =>
      faulty((s) => ({
        async step(batch, hyper) {
          const result = await s.step(batch, hyper);
          await s.writeBack();
          return result;
        },
      })),
    /writeBack/,
  ],
  [
    'the state is live memory',
    () => {
      let kept: Awaited<ReturnType<TrainingSession['state']>> | undefined;
      return faulty((s) => ({
        async state() {
          kept ??= await s.state();
          return kept;
        },
      }));
    },
    /state: parallel/,
  ],
  [
    'labels outside the classes are clamped',
    () =>
      faulty((s) => ({
        step: (batch, hyper) =>
          s.step(
            {
              images: batch.images,
              labels: ndarray((batch.labels as NdArray<Uint8Array>).data.map((label) => Math.min(label, 2))),
            },
            hyper,
          ),
      })),
    /a label outside the classes/,
  ],
  [
    'errors have no code',
    () =>
      faulty((s) => ({
        step: (batch, hyper) =>
          s.step(batch, hyper).catch((error) => {
            throw new Error(error.message);
          }),
      })),
    /refuses no image/,
  ],
  [
    'dispose works once',
    () => faulty((s) => ({ dispose: () => s.state().then(() => s.dispose()) })),
    /dispose: twice/,
  ],
];

describe('the conformance suite finds the engine whose', () => {
  it.each(faults)('%s', async (_what, build, cases) => {
    const relevant = engineConformanceCases(build()).filter(({ name }) => cases.test(name));
    expect(relevant.length).toBeGreaterThan(0);
    for (const { name, run } of relevant) {
      const error = await run().then(
        () => undefined,
        (reason) => reason,
      );
      expect(error, name).toBeInstanceOf(Error);
      if (!(error instanceof ConformanceError)) expect(error, name).toMatchObject({ code: 'SESSION_CLOSED' });
    }
    await tf.setBackend('cpu');
  });
});
