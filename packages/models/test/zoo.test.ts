import '@tensorflow/tfjs-backend-cpu';
import { memory, ones, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { CommitteeNetOptions, ModelOptions, NetOptions } from '../src/index.js';
import {
  buildModel,
  committeeNet,
  compactNet,
  deotteNet,
  lenet5,
  type ModelName,
  modelZoo,
  simpleCnn,
} from '../src/index.js';
import { countElements, weightBits } from './support/weights.js';

/** Trainable and all parameters as the papers, or arithmetic on their descriptions, give them. */
const published = {
  committee: { trainable: 4_732_682, all: 4_736_522 },
  // Sum of the committee net's layers with a quarter of the channels.
  compact: { trainable: 298_442, all: 299_402 },
  lenet5: { trainable: 61_706, all: 61_706 },
  deotte: { trainable: 326_410, all: 327_242 },
  'simple-3': { trainable: 1_124_180, all: 1_126_280 },
  'simple-5': { trainable: 1_128_180, all: 1_129_160 },
  'simple-7': { trainable: 2_291_972, all: 2_292_952 },
} as const satisfies Record<ModelName, { trainable: number; all: number }>;

const names = Object.keys(modelZoo) as ModelName[];

describe.each(names)('every net of the zoo: %s', (name) => {
  it('has the published number of parameters', () => {
    const net = buildModel(name);
    expect(countElements(net.trainableWeights)).toBe(published[name].trainable);
    expect(net.countParams()).toBe(published[name].all);
    expect(modelZoo[name].parameters).toBe(published[name].trainable);
    net.dispose();
  });

  it('maps NHWC images to one logit a class, whatever channels and classes', () => {
    const net = buildModel(name, { inputShape: [32, 30, 3], classes: 47 });
    expect(net.inputs.map(({ shape }) => shape)).toEqual([[null, 32, 30, 3]]);
    expect(net.outputs.map(({ shape }) => shape)).toEqual([[null, 47]]);
    const last = net.layers.at(-1)!;
    expect(last.name).toBe('logits');
    expect(last.getConfig().activation ?? 'linear').toBe('linear');
    net.dispose();
  });

  it('has the same weights for the same seed, and others for another, in every layer that is drawn', () => {
    const [first, again, other] = [3, 3, 4].map((seed) => weightBits(buildModel(name, { seed })));
    expect(again).toEqual(first);
    for (const key of Object.keys(first!)) {
      if (/\/(kernel|bias)$/.test(key)) expect(other![key], key).not.toBe(first![key]);
      else expect(other![key], key).toBe(first![key]);
    }
  });

  it('has names that do not depend on what was built before', () => {
    const [first, second] = [buildModel(name), buildModel(name)];
    expect(second.layers.map((layer) => layer.name)).toEqual(first.layers.map((layer) => layer.name));
    expect(second.weights.map((w) => w.originalName)).toEqual(first.weights.map((w) => w.originalName));
  });

  it('frees all it took', () => {
    const before = memory().numTensors;
    buildModel(name).dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('refuses options that it does not have, and values out of range', () => {
    const build = modelZoo[name].build as (options: unknown) => unknown;
    expect(() => build({ sede: 1 })).toThrow(/unknown option "sede"; it takes .*seed/);
    expect(() => build({ seed: 1.5 })).toThrow(/seed is 1.5/);
    expect(() => build({ classes: 1 })).toThrow(/classes is 1;/);
    expect(() => build({ inputShape: [28, 28] })).toThrow(/inputShape is \[28, 28\]; expected \[height/);
    expect(() => build({ inputShape: [28, 0, 1] })).toThrow(/inputShape is \[28, 0, 1\]/);
    expect(() => build('big')).toThrow(/the options are "big"; expected an object/);
    expect(() => build(null)).toThrow(/the options are null; expected an object/);
  });
});

it('computes finite logits that differ between images', () => {
  const net = compactNet({ seed: 1 });
  const pixels = Float32Array.from({ length: 2 * 784 }, (_, i) => Math.sin(i * i));
  const logits = (net.predict(tensor(pixels, [2, 28, 28, 1])) as Tensor).dataSync();
  expect(logits).toHaveLength(20);
  expect(logits.every(Number.isFinite)).toBe(true);
  expect([...logits.slice(0, 10)]).not.toEqual([...logits.slice(10)]);
});

it('gives the committee net the readable names that engines and files rely on', () => {
  expect(committeeNet({ widths: [2, 2, 2] }).layers.map((layer) => layer.name)).toEqual(
    `images stage1_conv block1_bn block1_conv block1_add stage1_pool block2_bn block2_conv block2_add stage1_bn
     stage2_conv stage2_pool block3_bn block3_conv block3_add stage2_bn
     stage3_conv stage3_pool block4_bn block4_conv block4_add stage3_bn average_pool logits`.split(/\s+/),
  );
});

it('pools 28, 14, 7, 4 in the committee net', () => {
  const net = compactNet();
  const sides = ['stage1', 'stage2', 'stage3'].map(
    (stage) => (net.getLayer(`${stage}_pool`).outputShape as number[])[1],
  );
  expect(sides).toEqual([14, 7, 4]);
});

it("has batch normalisation of PyTorch's constants, and of Keras's in deotteNet", () => {
  expect(compactNet().getLayer('block1_bn').getConfig()).toMatchObject({ epsilon: 1e-5, momentum: 0.9 });
  expect(deotteNet().getLayer('stage1_conv1_bn').getConfig()).toMatchObject({
    epsilon: 1e-3,
    momentum: 0.99,
  });
});

it('drops other positions at every call', () => {
  const dropout = deotteNet().getLayer('stage3_dropout');
  const input = ones([1, 128]);
  const masks = [1, 2].map(() => [...(dropout.call(input, { training: true }) as Tensor).dataSync()]);
  expect(masks[0]).not.toEqual(masks[1]);
});

describe('images that leave nothing after the last convolution', () => {
  it.each([
    ['lenet5', () => lenet5({ inputShape: [11, 28, 1] }), () => lenet5({ inputShape: [12, 12, 1] })],
    ['deotteNet', () => deotteNet({ inputShape: [28, 24, 1] }), () => deotteNet({ inputShape: [25, 25, 1] })],
    [
      'simpleCnn',
      () => simpleCnn({ kernel: 7, inputShape: [24, 28, 1] }),
      () => simpleCnn({ kernel: 7, inputShape: [25, 25, 1] }),
    ],
  ])('%s', (_, tooSmall, smallest) => {
    expect(tooSmall).toThrow(
      expect.objectContaining({ name: 'ModelError', code: 'INVALID_INPUT_SHAPE' }) as Error,
    );
    expect(smallest().outputShape).toEqual([null, 10]);
  });
});

it('builds the committee net for images of any size', () => {
  expect(compactNet({ inputShape: [1, 1, 1] }).outputShape).toEqual([null, 10]);
});

it('names the widths and the kernel that cannot be', () => {
  // @ts-expect-error two widths
  expect(() => committeeNet({ widths: [8, 16] })).toThrow(/widths is \[8, 16\]; expected three/);
  expect(() => committeeNet({ widths: [8, 16, 0] })).toThrow(/widths is \[8, 16, 0\]/);
  // @ts-expect-error no such kernel
  expect(() => simpleCnn({ kernel: 4 })).toThrow(/kernel is 4; expected one of 3, 5, 7/);
  // @ts-expect-error the kernel is part of the name
  expect(() => buildModel('simple-3', { kernel: 5 })).toThrow(/simple-3: unknown option "kernel"/);
  expect(() => buildModel('toString' as ModelName)).toThrow(
    expect.objectContaining({
      code: 'UNKNOWN_MODEL',
      message: expect.stringMatching(/'toString'.*committee, compact/),
    }) as Error,
  );
});

it('types the options by the name of the net', () => {
  expectTypeOf<ModelOptions<'committee'>>().toEqualTypeOf<CommitteeNetOptions>();
  expectTypeOf<ModelOptions<'lenet5'>>().toEqualTypeOf<NetOptions>();
  // @ts-expect-error lenet5 has no widths
  expect(() => buildModel('lenet5', { widths: [1, 2, 3] })).toThrow(/unknown option "widths"/);
});
