import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { committeeNet, initializeWeights, simpleCnn } from '../src/index.js';
import { readWeights, weightBits } from './support/weights.js';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('PyTorch default initialisation', () => {
  const weights = readWeights(committeeNet({ widths: [32, 64, 128], seed: 5 }));
  const fanIns = { 'block4_conv/kernel': 9 * 128, 'stage3_conv/kernel': 9 * 64, 'stage1_conv/kernel': 25 };

  it.each(Object.entries(fanIns))('%s is uniform in +-1/sqrt(fan_in), fan_in %d', (name, fanIn) => {
    const data = weights[name]!;
    const bound = 1 / Math.sqrt(fanIn);
    expect(Math.max(...[...data].map(Math.abs).slice(0, 50_000))).toBeLessThanOrEqual(bound);
    // Chi-square on 16 equal bins: 15 degrees of freedom, 37.7 is the 99.9 % quantile. The seed is fixed.
    const bins = new Array<number>(16).fill(0);
    for (const value of data) bins[Math.min(15, Math.floor((value / bound + 1) * 8))]!++;
    const expected = data.length / 16;
    const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(37.7);
    // Uniform: mean 0, variance bound^2 / 3, within four standard errors.
    const variance = mean(data.map((x) => x * x));
    expect(Math.abs(mean(data))).toBeLessThan((4 * bound) / Math.sqrt(3 * data.length));
    expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(
      (4 * Math.sqrt(4 / 5)) / Math.sqrt(data.length),
    );
  });

  it('draws biases within the bound of their kernel, not as zeros', () => {
    const bias = weights['block4_conv/bias']!;
    const bound = 1 / Math.sqrt(9 * 128);
    expect(Math.max(...bias.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...bias.map(Math.abs))).toBeGreaterThan(bound / 2);
  });

  it('starts batch normalisation as the identity', () => {
    expect(new Set(weights['block1_bn/gamma'])).toEqual(new Set([1]));
    expect(new Set(weights['block1_bn/moving_variance'])).toEqual(new Set([1]));
    expect(new Set(weights['block1_bn/beta'])).toEqual(new Set([0]));
    expect(new Set(weights['block1_bn/moving_mean'])).toEqual(new Set([0]));
  });

  it('gives layers and seeds streams without correlation', () => {
    const one = weights['block1_conv/kernel']!;
    const two = weights['block2_conv/kernel']!;
    const three = readWeights(committeeNet({ widths: [32, 64, 128], seed: 6 }))['block1_conv/kernel']!;
    const correlation = (a: Float32Array, b: Float32Array) =>
      mean(a.map((x, i) => x * b[i]!)) / Math.sqrt(mean(a.map((x) => x * x)) * mean(b.map((x) => x * x)));
    for (const other of [two, three]) {
      expect(Math.abs(correlation(one, other))).toBeLessThan(4 / Math.sqrt(one.length));
    }
  });

  it('keeps any fan-in and seed within the bound (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.maxSafeInteger(),
        (inputs, units, seed) => {
          const net = sequential({ layers: [layers.dense({ units, inputShape: [inputs], name: 'd' })] });
          initializeWeights(net, { seed });
          const bound = Math.fround(1 / Math.sqrt(inputs));
          const values = Object.values(readWeights(net)).flatMap((data) => [...data]);
          net.dispose();
          return values.every((value) => Math.abs(value) <= bound) && new Set(values).size > 1;
        },
      ),
      { numRuns: 50 },
    );
  });
});

it('tells apart seeds that differ beyond 32 bits, and negative ones', () => {
  const kernels = [1, 1 + 2 ** 32, -1, 1 - 2 ** 32].map(
    (seed) => weightBits(simpleCnn({ kernel: 7, seed }))['conv1/kernel'],
  );
  expect(new Set(kernels).size).toBe(4);
});

it("leaves a layer's weights alone when another layer is added", () => {
  const dense = (name: string, inputShape?: number[]) => layers.dense({ name, units: 4, inputShape });
  const short = sequential({ layers: [dense('a', [4]), dense('z')] });
  const long = sequential({ layers: [dense('a', [4]), dense('b'), dense('z')] });
  for (const net of [short, long]) initializeWeights(net, { seed: 2 });
  const [before, after] = [weightBits(short), weightBits(long)];
  for (const name of Object.keys(before)) expect(after[name], name).toBe(before[name]);
});

it('initialises depthwise convolutions by the window of one channel', () => {
  const net = sequential({
    layers: [layers.depthwiseConv2d({ name: 'd', kernelSize: 3, inputShape: [8, 8, 64] })],
  });
  initializeWeights(net, { seed: 1 });
  const largest = Math.max(...readWeights(net)['d/depthwise_kernel']!.map(Math.abs));
  expect(largest).toBeLessThanOrEqual(1 / 3);
  expect(largest).toBeGreaterThan(0.3);
});

it('refuses a layer whose default it does not know, before it writes anything', () => {
  const net = sequential({
    layers: [layers.dense({ units: 3, inputShape: [3] }), layers.prelu({ name: 'leak' })],
  });
  const before = weightBits(net);
  expect(() => initializeWeights(net)).toThrow(
    expect.objectContaining({
      code: 'UNSUPPORTED_LAYER',
      message: expect.stringContaining("'leak'"),
    }) as Error,
  );
  expect(weightBits(net)).toEqual(before);
});
