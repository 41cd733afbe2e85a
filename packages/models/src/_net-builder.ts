import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { requireBackend } from './_require-backend.js';
import { initializeWeights } from './initialize-weights.js';
import type { NetOptions } from './net-options.js';

// Weights are drawn by initializeWeights; tfjs's own default initialisers would take seconds for the large nets.
const blank = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
/** PyTorch's defaults, in Keras's terms: its momentum is 1 - PyTorch's. */
const likePyTorch = { epsilon: 1e-5, momentum: 0.9 } as const;

export interface ConvOptions {
  readonly kernel: number;
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
  readonly activation?: 'relu' | 'tanh';
  readonly useBias?: boolean;
}

export const conv = (
  name: string,
  x: SymbolicTensor,
  filters: number,
  options: ConvOptions,
): SymbolicTensor => {
  const {
    kernel: kernelSize,
    strides = 1,
    padding = 'valid',
    activation = 'linear',
    useBias = true,
  } = options;
  return apply(
    layers.conv2d({ name, filters, kernelSize, strides, padding, activation, useBias, ...blank }),
    x,
  );
};

export const dense = (
  name: string,
  x: SymbolicTensor,
  units: number,
  {
    activation = 'linear',
    useBias = true,
  }: { activation?: 'linear' | 'relu' | 'tanh'; useBias?: boolean } = {},
): SymbolicTensor => apply(layers.dense({ name, units, activation, useBias, ...blank }), x);

export const batchNorm = (
  name: string,
  x: SymbolicTensor,
  options: { epsilon: number; momentum: number } = likePyTorch,
): SymbolicTensor => apply(layers.batchNormalization({ name, ...options }), x);

export const relu = (name: string, x: SymbolicTensor): SymbolicTensor =>
  apply(layers.activation({ name, activation: 'relu' }), x);

export const add = (name: string, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor =>
  layers.add({ name }).apply([a, b]) as SymbolicTensor;

export const maxPool = (name: string, x: SymbolicTensor): SymbolicTensor =>
  apply(layers.maxPooling2d({ name, poolSize: 2, strides: 2, padding: 'same' }), x);

export const averagePool = (name: string, x: SymbolicTensor): SymbolicTensor =>
  apply(layers.averagePooling2d({ name, poolSize: 2, strides: 2, padding: 'valid' }), x);

export const globalAveragePool = (name: string, x: SymbolicTensor): SymbolicTensor =>
  apply(layers.globalAveragePooling2d({ name }), x);

export const flatten = (name: string, x: SymbolicTensor): SymbolicTensor =>
  apply(layers.flatten({ name }), x);

/** Without a seed on purpose: given one, tfjs drops the same positions at every step. Engines seed the masks. */
export const dropout = (name: string, x: SymbolicTensor, rate: number): SymbolicTensor =>
  apply(layers.dropout({ name, rate }), x);

/** Makes a model of `body`, from images to logits, and draws its weights. */
export function buildNet(
  where: string,
  name: string,
  { inputShape, seed }: Required<NetOptions>,
  body: (images: SymbolicTensor) => SymbolicTensor,
): LayersModel {
  requireBackend(where);
  const images = input({ name: 'images', shape: [...inputShape] });
  const net = model({ name, inputs: images, outputs: body(images) });
  initializeWeights(net, { seed });
  return net;
}

function apply(layer: { apply(x: SymbolicTensor): unknown }, x: SymbolicTensor): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor;
}
