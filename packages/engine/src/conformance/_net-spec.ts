import { stream, uniform } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';

/** The few layers that the suite's nets are made of; the same list builds the LayersModel and the reference. */
export type LayerSpec =
  | {
      readonly kind: 'conv';
      readonly filters: number;
      readonly size: number;
      readonly padding: 'same' | 'valid';
    }
  | { readonly kind: 'dense'; readonly units: number }
  | { readonly kind: 'batchNorm'; readonly momentum: number; readonly epsilon: number }
  | { readonly kind: 'maxPool' | 'averagePool'; readonly size: number; readonly padding: 'same' | 'valid' }
  | { readonly kind: 'dropout'; readonly rate: number }
  | { readonly kind: 'relu' | 'flatten' }
  /** x + layers(x) */
  | { readonly kind: 'residual'; readonly layers: readonly LayerSpec[] };

export interface NetSpec {
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  readonly layers: readonly LayerSpec[];
}

/** A LayersModel of the net with seeded weights; batch normalisation starts away from its identity. */
export function buildNet(spec: NetSpec, seed: number): LayersModel {
  const image = input({ shape: [...spec.imageShape] });
  const net = model({ inputs: image, outputs: applyLayers(spec.layers, image) });
  const numbers = stream(seed, 'conformance');
  const random = () => uniform(numbers);
  const values = net.getWeights().map((weight, i) => {
    const name = net.weights[i]!.originalName;
    const [offset, spread] = /gamma|variance/.test(name) ? [1, 0.5] : [0, 0.6];
    return tf.tensor(
      Float32Array.from({ length: weight.size }, () => offset + spread * (2 * random() - 1)),
      weight.shape,
    );
  });
  net.setWeights(values);
  for (const value of values) value.dispose();
  return net;
}

function applyLayers(specs: readonly LayerSpec[], start: SymbolicTensor): SymbolicTensor {
  return specs.reduce<SymbolicTensor>((x, spec) => {
    if (spec.kind === 'residual') {
      return layers.add().apply([x, applyLayers(spec.layers, x)]) as SymbolicTensor;
    }
    return makeLayer(spec).apply(x) as SymbolicTensor;
  }, start);
}

function makeLayer(spec: Exclude<LayerSpec, { kind: 'residual' }>) {
  switch (spec.kind) {
    case 'conv':
      return layers.conv2d({ filters: spec.filters, kernelSize: spec.size, padding: spec.padding });
    case 'dense':
      return layers.dense({ units: spec.units });
    case 'batchNorm':
      return layers.batchNormalization({ momentum: spec.momentum, epsilon: spec.epsilon });
    case 'maxPool':
      return layers.maxPooling2d({ poolSize: spec.size, strides: spec.size, padding: spec.padding });
    case 'averagePool':
      return layers.averagePooling2d({ poolSize: spec.size, strides: spec.size, padding: spec.padding });
    case 'dropout':
      return layers.dropout({ rate: spec.rate });
    case 'relu':
      return layers.activation({ activation: 'relu' });
    case 'flatten':
      return layers.flatten();
  }
}
