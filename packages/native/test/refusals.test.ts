import '@tensorflow/tfjs-backend-cpu';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { nativeEngine, nativeSupport, supportedLayers } from '../src/index.js';

const support = nativeSupport();
if (!support.available) console.log(`skipped: ${support.reason}`);

const image = { inputShape: [6, 6, 2] as [number, number, number] };
const classifier = (...middle: layers.Layer[]) =>
  sequential({ layers: [...middle, layers.flatten(), layers.dense({ units: 3, name: 'logits' })] });

const unsupported: Record<string, [() => LayersModel, RegExp]> = {
  'a layer': [
    () => classifier(layers.upSampling2d({ ...image, name: 'larger' })),
    /layer "larger" \(UpSampling2D\): .*supported: Activation, Add/,
  ],
  'an activation': [
    () =>
      classifier(
        layers.conv2d({ ...image, filters: 3, kernelSize: 2, activation: 'softplus', name: 'first' }),
      ),
    /layer "first" .*activation "softplus"; supported: linear, relu/,
  ],
  'a limit of relu': [
    () => classifier(layers.reLU({ ...image, maxValue: -1 })),
    /maxValue is -1; supported: none, or a number above 0/,
  ],
  'dense on images': [
    () => classifier(layers.dense({ ...image, units: 3 })),
    /the input has shape \[6,6,2\]; supported: vectors/,
  ],
};

describe.skipIf(!support.available)('what cannot be trained is named, with what can', () => {
  for (const [what, [build, message]] of Object.entries(unsupported)) {
    test(what, async () => {
      await expect(nativeEngine().open(build(), { batchSize: 2 })).rejects.toMatchObject({
        code: 'UNSUPPORTED_LAYER',
        message: expect.stringMatching(message),
      });
    });
  }

  test('bf16 for a net that is not of the fast path', async () => {
    const net = classifier(layers.conv2d({ ...image, filters: 3, kernelSize: 2 }));
    await expect(nativeEngine({ precision: 'bf16' }).open(net, { batchSize: 2 })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringMatching(/bf16 needs a net of the fast path's family/),
    });
  });

  test('a path that does not exist', async () => {
    const net = classifier(layers.conv2d({ ...image, filters: 3, kernelSize: 2 }));
    await expect(nativeEngine({ path: 'cuda' }).open(net, { batchSize: 2 })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/path is 'cuda': there is no such path; expected one of .*'plain'/),
    });
  });
});

test('options are checked', () => {
  const bad: [object, RegExp][] = [
    [{ thread: 2 }, /unknown option "thread"; it takes precision, threads, path/],
    [{ threads: 0 }, /threads is 0; expected a whole number from 1/],
    [{ precision: 'f16' }, /precision is "f16"; expected one of "auto", "f32", "bf16"/],
  ];
  for (const [options, message] of bad) expect(() => nativeEngine(options)).toThrow(message);
  expect(supportedLayers).toContain('DepthwiseConv2D');
});
