import { type RandomGenerator, sizeOf, stream, uniform, uniformInteger } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';

type Padding = 'same' | 'valid';

/** One step of a random net, as plain data so that a net that fails can be read. */
type RandomLayer =
  | {
      readonly kind: 'conv';
      readonly filters: number;
      readonly kernel: readonly [number, number];
      readonly strides: number;
      readonly padding: Padding;
      readonly bias: boolean;
      readonly activation: 'linear' | 'relu' | 'tanh';
    }
  | {
      readonly kind: 'depthwise';
      readonly kernel: number;
      readonly strides: number;
      readonly padding: Padding;
    }
  | { readonly kind: 'maxPool'; readonly size: number; readonly strides: number; readonly padding: Padding }
  | { readonly kind: 'averagePool'; readonly size: number; readonly strides: number }
  | { readonly kind: 'batchNorm' }
  | { readonly kind: 'activation'; readonly name: (typeof activations)[number] }
  | { readonly kind: 'leakyRelu' }
  | { readonly kind: 'residual'; readonly join: 'add' | 'multiply' | 'concatenate'; readonly kernel: number }
  | { readonly kind: 'zeroPad'; readonly rows: number; readonly columns: number };

export interface RandomNet {
  readonly inputShape: readonly [number, number, number];
  readonly layers: readonly RandomLayer[];
  readonly head: 'flatten' | 'globalAverage' | 'globalMax';
}

const activations = ['relu', 'relu6', 'elu', 'gelu', 'sigmoid', 'tanh'] as const;

/** Net number `index` of the seed. */
export function drawNet(seed: number, index: number): RandomNet {
  const random = stream(seed, 'random net', index);
  const size = (max: number) => uniformInteger(random, 1, max);
  return {
    inputShape: [size(6) + 4, size(6) + 4, pick(random, [1, 2, 3, 16])],
    layers: Array.from({ length: size(5) }, () => drawLayer(random)),
    head: pick(random, ['flatten', 'globalAverage', 'globalMax']),
  };
}

function drawLayer(random: RandomGenerator): RandomLayer {
  const size = (max: number) => uniformInteger(random, 1, max);
  const padding = pick(random, ['same', 'valid'] as const);
  switch (size(9)) {
    case 1:
      return {
        kind: 'conv',
        filters: pick(random, [3, 8, 16, 24, 32]),
        kernel: [size(4), size(4)],
        strides: size(3),
        padding,
        bias: size(2) === 1,
        activation: pick(random, ['linear', 'relu', 'tanh']),
      };
    case 2:
      return { kind: 'depthwise', kernel: size(3), strides: size(2), padding };
    case 3:
      return { kind: 'maxPool', size: size(3), strides: size(3), padding };
    case 4:
      return { kind: 'averagePool', size: size(3), strides: size(3) };
    case 5:
      return { kind: 'batchNorm' };
    case 6:
      return { kind: 'activation', name: pick(random, activations) };
    case 7:
      return { kind: 'leakyRelu' };
    case 8:
      return { kind: 'residual', join: pick(random, ['add', 'multiply', 'concatenate']), kernel: size(3) };
    default:
      return { kind: 'zeroPad', rows: size(3) - 1, columns: size(3) - 1 };
  }
}

function pick<T>(random: RandomGenerator, choices: readonly T[]): T {
  return choices[uniformInteger(random, 0, choices.length - 1)]!;
}

/** Builds the net for 3 classes; a window larger than its image shrinks to it. */
export function buildRandomNet(net: RandomNet): LayersModel {
  const image = input({ shape: [...net.inputShape] });
  const features = net.layers.reduce((x, layer) => apply(layer, x), image);
  const vectors = headOf(net).apply(features);
  return model({ inputs: image, outputs: layers.dense({ units: 3 }).apply(vectors) as SymbolicTensor });
}

/**
 * tfjs gives the gradient of a global maximum to every equal pixel, the contract to the first. So global max pooling is
 * tried only after layers that leave no equal pixels.
 */
function headOf({ head, layers: specs }: RandomNet) {
  const distinct = specs.every(
    (spec) =>
      spec.kind === 'batchNorm' ||
      spec.kind === 'leakyRelu' ||
      (spec.kind === 'conv' && spec.activation !== 'relu'),
  );
  if (head === 'globalMax' && distinct) return layers.globalMaxPooling2d({});
  return head === 'globalAverage' ? layers.globalAveragePooling2d({}) : layers.flatten();
}

function apply(spec: RandomLayer, x: SymbolicTensor): SymbolicTensor {
  return makeLayer(spec, x).apply(x) as SymbolicTensor;
}

function makeLayer(spec: RandomLayer, x: SymbolicTensor): { apply(x: SymbolicTensor): unknown } {
  const [, height, width, channels] = x.shape as [null, number, number, number];
  const within = (rows: number, columns = rows): [number, number] => [
    Math.min(rows, height),
    Math.min(columns, width),
  ];
  switch (spec.kind) {
    case 'conv': {
      const { filters, strides, padding, bias: useBias, activation } = spec;
      const kernelSize = within(...spec.kernel);
      return layers.conv2d({ filters, kernelSize, strides, padding, useBias, activation });
    }
    case 'depthwise': {
      const { strides, padding } = spec;
      return layers.depthwiseConv2d({ kernelSize: within(spec.kernel), strides, padding });
    }
    case 'maxPool': {
      const { strides, padding } = spec;
      return layers.maxPooling2d({ poolSize: within(spec.size), strides, padding });
    }
    case 'averagePool':
      return layers.averagePooling2d({ poolSize: within(spec.size), strides: spec.strides });
    case 'batchNorm':
      return layers.batchNormalization();
    case 'activation':
      return layers.activation({ activation: spec.name as 'relu' });
    case 'leakyRelu':
      return layers.leakyReLU();
    case 'residual': {
      const options = {
        filters: channels,
        kernelSize: spec.kernel,
        padding: 'same',
        activation: 'relu',
      } as const;
      const y = layers.conv2d(options).apply(x) as SymbolicTensor;
      return { apply: () => layers[spec.join]().apply([x, y]) };
    }
    case 'zeroPad': {
      const { rows, columns } = spec;
      const padding: [[number, number], [number, number]] = [
        [rows, 0],
        [columns, rows],
      ];
      return layers.zeroPadding2d({ padding });
    }
  }
}

/** Seeded weights that keep activations near 1: gammas and variances near 1. */
export function fillWeights(net: LayersModel, seed: number): void {
  const numbers = stream(seed, 'random weights');
  for (const variable of net.weights) {
    const shape = variable.shape as number[];
    const fanIn = sizeOf(shape.slice(0, -1));
    const nearOne = /gamma|variance/.test(variable.originalName);
    const scale = nearOne ? 0.3 : Math.sqrt(3 / fanIn) * 0.8;
    const values = Float32Array.from(
      { length: fanIn * (shape.at(-1) ?? 1) },
      () => (2 * uniform(numbers) - 1) * scale + (nearOne ? 1 : 0),
    );
    tf.tidy(() => {
      variable.write(tf.tensor(values, shape));
    });
  }
}
