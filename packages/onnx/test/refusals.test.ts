import '@tensorflow/tfjs-backend-cpu';
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { exportOnnx, onnxEngine, supportedLayers } from '../src/index.js';

const image = { inputShape: [6, 6, 2] as [number, number, number] };
const classifier = (...middle: layers.Layer[]) =>
  sequential({ layers: [...middle, layers.flatten(), layers.dense({ units: 3, name: 'logits' })] });

const unsupported: Record<string, [() => LayersModel, RegExp]> = {
  'a layer': [
    () => classifier(layers.conv2dTranspose({ ...image, filters: 3, kernelSize: 2, name: 'wide' })),
    /layer "wide" \(Conv2DTranspose\): a layer of this kind, with config .*supported: Activation, Add/,
  ],
  'an activation': [
    () =>
      classifier(
        layers.conv2d({ ...image, filters: 3, kernelSize: 2, activation: 'softplus', name: 'first' }),
      ),
    /layer "first" .*activation "softplus"; supported: linear, relu/,
  ],
  'a data format': [
    () => classifier(layers.conv2d({ ...image, filters: 3, kernelSize: 2, dataFormat: 'channelsFirst' })),
    /dataFormat is "channelsFirst"; supported: "channelsLast"/,
  ],
  'a dilated depthwise convolution': [
    () => classifier(layers.depthwiseConv2d({ ...image, kernelSize: 2, dilationRate: [2, 2] })),
    /dilationRate is \[2,2\]; supported: 1/,
  ],
  'an axis of batch normalisation': [
    () => classifier(layers.batchNormalization({ ...image, axis: 1 })),
    /axis is 1; supported: the last axis/,
  ],
  'dense on images': [
    () => classifier(layers.dense({ ...image, units: 3 })),
    /the input has shape \[6,6,2\]; supported: vectors/,
  ],
};

describe('what cannot be compiled is named, with what can', () => {
  for (const [what, [build, message]] of Object.entries(unsupported)) {
    test(what, async () => {
      const open = onnxEngine({ worker: false }).open(build(), { batchSize: 2 });
      await expect(open).rejects.toMatchObject({
        code: 'UNSUPPORTED_LAYER',
        message: expect.stringMatching(message),
      });
    });
  }

  test('a penalty would be ignored', async () => {
    const penalised = sequential({
      layers: [
        layers.flatten({ inputShape: [3, 1, 1] }),
        layers.dense({ units: 2, kernelRegularizer: 'l1l2', name: 'small' }),
      ],
    });
    await expect(onnxEngine().open(penalised, { batchSize: 2 })).rejects.toThrow(
      /layer 'small' \(Dense\).*'kernelRegularizer'.*Use the weightDecay/,
    );
    await expect(exportOnnx(penalised)).resolves.toBeInstanceOf(Uint8Array);
  });

  test('two inputs', async () => {
    const [a, b] = [input({ shape: [3, 1, 1] }), input({ shape: [3, 1, 1] })];
    const sum = layers.add().apply([a, b]) as SymbolicTensor;
    const flat = layers.flatten().apply(sum);
    const both = model({ inputs: [a, b], outputs: layers.dense({ units: 2 }).apply(flat) as SymbolicTensor });
    await expect(onnxEngine().open(both, { batchSize: 2 })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MODEL',
    });
  });

  test('nothing to train', async () => {
    const fixed = sequential({ layers: [layers.flatten({ inputShape: [2, 2, 1] })] });
    await expect(onnxEngine().open(fixed, { batchSize: 2 })).rejects.toThrow(/no trainable weights/);
  });

  test('the list of layers covers what image classifiers use', () => {
    expect(supportedLayers).toContain('DepthwiseConv2D');
    expect(supportedLayers).not.toContain('Conv1D');
  });
});

describe('options', () => {
  const bad: [object, RegExp][] = [
    [{ thread: 2 }, /unknown option "thread"; it takes provider, threads/],
    [{ threads: 0 }, /threads is 0; expected a whole number, at least 1/],
    [{ provider: 'tpu' }, /provider is "tpu"; expected one of "cpu"/],
    [{ lowering: 'fast' }, /lowering is "fast"/],
    [{ worker: 1 }, /worker is 1; expected true or false/],
    [{ averaging: { decay: 0.9 } }, /unknown option "averaging"/],
    [{ predictBatchSize: 1.5 }, /predictBatchSize is 1.5/],
  ];
  for (const [options, message] of bad) {
    test(JSON.stringify(options), () => expect(() => onnxEngine(options)).toThrow(message));
  }
});
