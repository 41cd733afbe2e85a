import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { buildModel, type ModelName } from '../src/index.js';
import { noise } from './support/noise.js';

interface Golden {
  torch: string;
  committeeWidths: [number, number, number];
  logits: Partial<Record<ModelName, number[]>>;
}

// Written by golden/make_forward_golden.py, which defines the nets a second time, in PyTorch.
const golden: Golden = JSON.parse(readFileSync(new URL('golden/forward.json', import.meta.url), 'utf8'));

describe(`logits of the same weights in PyTorch ${golden.torch}`, () => {
  it.each(Object.entries(golden.logits) as [ModelName, number[]][])('%s', (name, expected) => {
    const net =
      name === 'committee' ? buildModel(name, { widths: golden.committeeWidths }) : buildModel(name);
    fillByFormula(net);
    const images = tensor(Float32Array.from(noise('images', 28 * 28)), [1, 28, 28, 1]);
    const logits = (net.predict(images) as Tensor).dataSync();
    for (const [i, value] of expected.entries()) expect(logits[i]).toBeCloseTo(value, 4);
  });
});

function fillByFormula(net: LayersModel): void {
  for (const layer of net.layers) {
    if (layer.weights.length === 0) continue;
    const fanIn = layer.weights[0]!.shape.slice(0, -1).reduce<number>((size, n) => size * (n as number), 1);
    const isNorm = layer.getClassName() === 'BatchNormalization';
    layer.setWeights(
      layer.weights.map(({ originalName, shape }) => {
        const size = shape.reduce<number>((product, n) => product * (n as number), 1);
        const offset = /\/(gamma|moving_variance)$/.test(originalName) ? 1 : 0;
        const bound = isNorm ? 0.5 : 1 / Math.sqrt(fanIn);
        const values = noise(originalName, size).map((u) => offset + (u * 2 - 1) * bound);
        return tensor(Float32Array.from(values), shape as number[]);
      }),
    );
  }
}
