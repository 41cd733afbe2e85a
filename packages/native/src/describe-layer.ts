import {
  type NetworkNode,
  type NetworkWeight,
  numberOption,
  pairOption,
  requireChannelsLast,
  unsupportedLayer,
  windowOption,
} from '@mnist/engine';

/** What the crate knows of a layer: `spec.rs` has the same. */
export interface LayerDescription {
  /** `Op`, with its options. */
  readonly op: { readonly kind: string } & Readonly<Record<string, unknown>>;
  /** Kernel, bias; gamma, beta, moving mean, moving variance. */
  readonly weights: readonly (NetworkWeight | undefined)[];
}

type Describe = (node: NetworkNode) => LayerDescription;

/** The layers that can be trained, by tfjs class name. */
const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  Activation: activation,
  Add: (node) => merge(node, 'add'),
  AveragePooling2D: (node) => pooling(node, 'averagePooling2d'),
  BatchNormalization: batchNormalization,
  Concatenate: concatenate,
  Conv2D: (node) => convolution(node, 'conv2d'),
  Dense: dense,
  DepthwiseConv2D: depthwiseConvolution,
  Dropout: dropout,
  ELU: activation,
  Flatten: () => plain('reshape'),
  GlobalAveragePooling2D: (node) => globalPooling(node, 'globalAveragePooling2d'),
  GlobalMaxPooling2D: (node) => globalPooling(node, 'globalMaxPooling2d'),
  LeakyReLU: activation,
  MaxPooling2D: (node) => pooling(node, 'maxPooling2d'),
  Multiply: (node) => merge(node, 'multiply'),
  ReLU: activation,
  Reshape: () => plain('reshape'),
  Softmax: activation,
  ZeroPadding2D: zeroPadding,
};

/** Class names of the tfjs layers that `nativeEngine` trains. */
export const supportedLayers: readonly string[] = Object.keys(DESCRIPTIONS);

/** @throws EngineError UNSUPPORTED_LAYER */
export function describeLayer(node: NetworkNode): LayerDescription {
  const describe = Object.hasOwn(DESCRIPTIONS, node.kind) ? DESCRIPTIONS[node.kind] : undefined;
  if (describe === undefined) {
    const config = JSON.stringify(node.config);
    throw unsupportedLayer(node, `a layer of this kind, with config ${config},`, supportedLayers.join(', '));
  }
  return describe(node);
}

function plain(kind: string, options: Readonly<Record<string, unknown>> = {}): LayerDescription {
  return { op: { kind, ...options }, weights: [] };
}

/** The part of a window that the crate does not work out itself. */
function windowOf(node: NetworkNode, sizeKey: 'kernelSize' | 'poolSize') {
  const { kernel, strides, dilations, before } = windowOption(node, sizeKey);
  return { kernel, strides, dilations, before };
}

function convolution(node: NetworkNode, kind: string): LayerDescription {
  const [kernel, bias] = node.weights;
  return { op: { kind, window: windowOf(node, 'kernelSize') }, weights: [kernel, bias] };
}

function depthwiseConvolution(node: NetworkNode): LayerDescription {
  const dilation = pairOption(node, 'dilationRate');
  if (dilation.some((rate) => rate !== 1)) {
    throw unsupportedLayer(node, `dilationRate is ${JSON.stringify(dilation)}`, '1 (tfjs ignores any other)');
  }
  return convolution(node, 'depthwiseConv2d');
}

function dense(node: NetworkNode): LayerDescription {
  if (node.inputShapes[0]!.length !== 1) {
    const shape = JSON.stringify(node.inputShapes[0]);
    throw unsupportedLayer(node, `the input has shape ${shape}`, 'vectors: flatten first');
  }
  const [kernel, bias] = node.weights;
  return { op: { kind: 'dense' }, weights: [kernel, bias] };
}

function batchNormalization(node: NetworkNode): LayerDescription {
  const axis = node.config.axis ?? -1;
  const rank = node.outputShape.length + 1;
  if (axis !== -1 && axis !== rank - 1) {
    throw unsupportedLayer(node, `axis is ${JSON.stringify(axis)}`, `the last axis (-1 or ${rank - 1})`);
  }
  const rest = [...node.weights];
  const gamma = node.config.scale === false ? undefined : rest.shift();
  const beta = node.config.center === false ? undefined : rest.shift();
  const momentum = numberOption(node, 'momentum');
  const epsilon = numberOption(node, 'epsilon');
  return { op: { kind: 'batchNormalization', momentum, epsilon }, weights: [gamma, beta, ...rest] };
}

function pooling(node: NetworkNode, kind: string): LayerDescription {
  return plain(kind, { window: windowOf(node, 'poolSize') });
}

function globalPooling(node: NetworkNode, kind: string): LayerDescription {
  requireChannelsLast(node);
  return plain(kind);
}

function merge(node: NetworkNode, kind: string): LayerDescription {
  const [first, ...rest] = node.inputShapes.map((shape) => JSON.stringify(shape));
  const other = rest.find((shape) => shape !== first);
  if (other !== undefined) {
    throw unsupportedLayer(
      node,
      `inputs of shapes ${first} and ${other}`,
      'inputs of one shape (no broadcasting)',
    );
  }
  return plain(kind);
}

function concatenate(node: NetworkNode): LayerDescription {
  const rank = node.outputShape.length + 1;
  const given = (node.config.axis as number | undefined) ?? -1;
  const axis = given < 0 ? given + rank : given;
  if (!Number.isInteger(axis) || axis < 1 || axis >= rank) {
    const found = `axis is ${JSON.stringify(node.config.axis)}`;
    throw unsupportedLayer(node, found, `1 to ${rank - 1}, or -${rank - 1} to -1`);
  }
  return plain('concatenate', { axis: axis - 1 });
}

function zeroPadding(node: NetworkNode): LayerDescription {
  requireChannelsLast(node);
  const padding = node.config.padding as unknown;
  const sides = (value: unknown): unknown => (typeof value === 'number' ? [value, value] : value);
  const pairs = typeof padding === 'number' ? [padding, padding] : padding;
  const resolved = Array.isArray(pairs) ? pairs.map(sides) : [];
  const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
  if (resolved.length !== 2 || resolved.flat().length !== 4 || !resolved.flat().every(isCount)) {
    const found = `padding is ${JSON.stringify(padding)}`;
    throw unsupportedLayer(node, found, 'n, [rows, columns] or [[top, bottom], [left, right]]');
  }
  const [[top], [left]] = resolved as [[number, number], [number, number]];
  return plain('zeroPadding2d', { before: [top, left] });
}

function dropout(node: NetworkNode): LayerDescription {
  const rate = numberOption(node, 'rate');
  if (rate < 0 || rate >= 1) throw unsupportedLayer(node, `rate is ${rate}`, '0 <= rate < 1');
  const { noiseShape } = node.config;
  if (noiseShape !== undefined && noiseShape !== null) {
    throw unsupportedLayer(node, `noiseShape is ${JSON.stringify(noiseShape)}`, 'no noiseShape');
  }
  return rate === 0 ? elementwise('linear') : plain('dropout', { rate });
}

function elementwise(name: string, options: Readonly<Record<string, unknown>> = {}): LayerDescription {
  return plain('activation', { function: { name, ...options } });
}

/** Activation, and the layers ReLU, LeakyReLU, ELU and Softmax. */
function activation(node: NetworkNode): LayerDescription {
  switch (node.kind) {
    case 'ReLU':
      return clippedRelu(node);
    case 'LeakyReLU':
      return elementwise('leakyRelu', { alpha: numberOption(node, 'alpha') });
    case 'ELU':
      return elementwise('elu', { alpha: node.config.alpha === undefined ? 1 : numberOption(node, 'alpha') });
    case 'Softmax':
      return softmax(node);
    default:
      return namedActivation(node, String(node.config.activation));
  }
}

function namedActivation(node: NetworkNode, name: string): LayerDescription {
  switch (name) {
    case 'linear':
    case 'relu':
    case 'sigmoid':
    case 'tanh':
    case 'gelu':
      return elementwise(name);
    case 'relu6':
      return elementwise('clippedRelu', { limit: 6 });
    case 'elu':
      return elementwise('elu', { alpha: 1 });
    case 'softmax':
      return softmax(node);
    default:
      throw unsupportedLayer(
        node,
        `activation "${name}"`,
        'linear, relu, relu6, leaky relu, elu, gelu, sigmoid, tanh, softmax',
      );
  }
}

function clippedRelu(node: NetworkNode): LayerDescription {
  const limit = node.config.maxValue ?? null;
  if (limit === null) return elementwise('relu');
  if (!(typeof limit === 'number' && limit > 0)) {
    throw unsupportedLayer(node, `maxValue is ${JSON.stringify(limit)}`, 'none, or a number above 0');
  }
  return elementwise('clippedRelu', { limit });
}

function softmax(node: NetworkNode): LayerDescription {
  const axis = node.config.axis ?? -1;
  if (axis !== -1 && axis !== node.outputShape.length) {
    throw unsupportedLayer(node, `softmax over axis ${JSON.stringify(axis)}`, 'the last axis (-1)');
  }
  return plain('softmax');
}
