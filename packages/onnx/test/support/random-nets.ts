import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

type Padding = 'same' | 'valid';

/** One step of a random net, as plain data so that a counterexample can be read. */
type LayerSpec =
  | {
      readonly kind: 'conv';
      readonly filters: number;
      readonly kernel: [number, number];
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
  | { readonly kind: 'activation'; readonly name: 'relu' | 'relu6' | 'elu' | 'gelu' | 'sigmoid' | 'tanh' }
  | { readonly kind: 'leakyRelu' }
  | { readonly kind: 'residual'; readonly join: 'add' | 'multiply' | 'concatenate'; readonly kernel: number }
  | { readonly kind: 'zeroPad'; readonly amount: [number, number] };

export interface NetSpec {
  readonly inputShape: [number, number, number];
  readonly layers: readonly LayerSpec[];
  readonly head: 'flatten' | 'globalAverage' | 'globalMax';
}

const size = (max: number) => fc.integer({ min: 1, max });
const padding = fc.constantFrom<Padding>('same', 'valid');
const filters = fc.constantFrom(3, 8, 16, 16, 24, 32);

const layerSpecs: fc.Arbitrary<LayerSpec> = fc.oneof(
  fc.record({
    kind: fc.constant('conv' as const),
    filters,
    kernel: fc.tuple(size(4), size(4)),
    strides: size(3),
    padding,
    bias: fc.boolean(),
    activation: fc.constantFrom('linear' as const, 'relu' as const, 'tanh' as const),
  }),
  fc.record({ kind: fc.constant('depthwise' as const), kernel: size(3), strides: size(2), padding }),
  fc.record({ kind: fc.constant('maxPool' as const), size: size(3), strides: size(3), padding }),
  fc.record({ kind: fc.constant('averagePool' as const), size: size(3), strides: size(3) }),
  fc.record({ kind: fc.constant('batchNorm' as const) }),
  fc.record({
    kind: fc.constant('activation' as const),
    name: fc.constantFrom('relu', 'relu6', 'elu', 'gelu', 'sigmoid', 'tanh') as never,
  }) as fc.Arbitrary<LayerSpec>,
  fc.record({ kind: fc.constant('leakyRelu' as const) }),
  fc.record({
    kind: fc.constant('residual' as const),
    join: fc.constantFrom('add' as const, 'multiply' as const, 'concatenate' as const),
    kernel: size(3),
  }),
  fc.record({
    kind: fc.constant('zeroPad' as const),
    amount: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  }),
);

export const netSpecs: fc.Arbitrary<NetSpec> = fc.record({
  inputShape: fc.tuple(
    fc.integer({ min: 5, max: 10 }),
    fc.integer({ min: 5, max: 10 }),
    fc.constantFrom(1, 2, 3, 16),
  ),
  layers: fc.array(layerSpecs, { minLength: 1, maxLength: 5 }),
  head: fc.constantFrom('flatten' as const, 'globalAverage' as const, 'globalMax' as const),
});

/** Builds the net; a window larger than its image shrinks to it. */
export function buildNet(spec: NetSpec): LayersModel {
  const image = input({ shape: spec.inputShape });
  const features = spec.layers.reduce((x, layer) => apply(layer, x), image);
  const vectors = headOf(spec).apply(features);
  return model({ inputs: image, outputs: layers.dense({ units: 3 }).apply(vectors) as SymbolicTensor });
}

/**
 * tfjs gives the gradient of a global maximum to every equal pixel, this package to the first. So global max pooling is
 * tried only after layers that leave no equal pixels.
 */
function headOf({ head, layers: specs }: NetSpec) {
  const distinct = specs.every(
    (spec) =>
      spec.kind === 'batchNorm' ||
      spec.kind === 'leakyRelu' ||
      (spec.kind === 'conv' && spec.activation !== 'relu'),
  );
  if (head === 'globalMax' && distinct) return layers.globalMaxPooling2d({});
  return head === 'globalAverage' ? layers.globalAveragePooling2d({}) : layers.flatten();
}

function apply(spec: LayerSpec, x: SymbolicTensor): SymbolicTensor {
  const [, height, width, channels] = x.shape as [null, number, number, number];
  const within = (length: number): [number, number] => [Math.min(length, height), Math.min(length, width)];
  switch (spec.kind) {
    case 'conv': {
      const kernelSize = [Math.min(spec.kernel[0], height), Math.min(spec.kernel[1], width)];
      const { strides, padding, bias: useBias, activation } = spec;
      const options = { filters: spec.filters, kernelSize, strides, padding, useBias, activation };
      return layers.conv2d(options).apply(x) as SymbolicTensor;
    }
    case 'depthwise': {
      const options = { kernelSize: within(spec.kernel), strides: spec.strides, padding: spec.padding };
      return layers.depthwiseConv2d(options).apply(x) as SymbolicTensor;
    }
    case 'maxPool': {
      const options = { poolSize: within(spec.size), strides: spec.strides, padding: spec.padding };
      return layers.maxPooling2d(options).apply(x) as SymbolicTensor;
    }
    case 'averagePool': {
      const options = { poolSize: within(spec.size), strides: spec.strides };
      return layers.averagePooling2d(options as never).apply(x) as SymbolicTensor;
    }
    case 'batchNorm':
      return layers.batchNormalization().apply(x) as SymbolicTensor;
    case 'activation':
      return layers.activation({ activation: spec.name }).apply(x) as SymbolicTensor;
    case 'leakyRelu':
      return layers.leakyReLU().apply(x) as SymbolicTensor;
    case 'residual': {
      const options = { filters: channels, kernelSize: spec.kernel, padding: 'same' as const };
      const y = layers.conv2d({ ...options, activation: 'relu' }).apply(x) as SymbolicTensor;
      return layers[spec.join]().apply([x, y]) as SymbolicTensor;
    }
    case 'zeroPad': {
      const [rows, columns] = spec.amount;
      const options = {
        padding: [
          [rows, 0],
          [columns, rows],
        ] as [[number, number], [number, number]],
      };
      return layers.zeroPadding2d(options).apply(x) as SymbolicTensor;
    }
  }
}
