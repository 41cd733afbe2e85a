import {
  activationOption,
  concatenationAxis,
  depthwiseWindowOption,
  dropoutRate,
  type NetworkNode,
  type NetworkWeight,
  normalizationOptions,
  paddingOption,
  requireChannelsLast,
  requireEqualShapes,
  requireVectors,
  unsupportedLayer,
  type Window,
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
  Conv2D: (node) => convolution(node, 'conv2d', windowOption(node, 'kernelSize')),
  Dense: dense,
  DepthwiseConv2D: (node) => convolution(node, 'depthwiseConv2d', depthwiseWindowOption(node)),
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
function resolved({ kernel, strides, dilations, before }: Window) {
  return { kernel, strides, dilations, before };
}

function convolution(node: NetworkNode, kind: string, window: Window): LayerDescription {
  const [kernel, bias] = node.weights;
  return { op: { kind, window: resolved(window) }, weights: [kernel, bias] };
}

function dense(node: NetworkNode): LayerDescription {
  requireVectors(node);
  const [kernel, bias] = node.weights;
  return { op: { kind: 'dense' }, weights: [kernel, bias] };
}

function batchNormalization(node: NetworkNode): LayerDescription {
  const { momentum, epsilon, gamma, beta, movingMean, movingVariance } = normalizationOptions(node);
  return {
    op: { kind: 'batchNormalization', momentum, epsilon },
    weights: [gamma, beta, movingMean, movingVariance],
  };
}

function pooling(node: NetworkNode, kind: string): LayerDescription {
  return plain(kind, { window: resolved(windowOption(node, 'poolSize')) });
}

function globalPooling(node: NetworkNode, kind: string): LayerDescription {
  requireChannelsLast(node);
  return plain(kind);
}

function merge(node: NetworkNode, kind: string): LayerDescription {
  requireEqualShapes(node);
  return plain(kind);
}

/** The crate counts axes without the batch. */
function concatenate(node: NetworkNode): LayerDescription {
  return plain('concatenate', { axis: concatenationAxis(node) - 1 });
}

function zeroPadding(node: NetworkNode): LayerDescription {
  const [[top], [left]] = paddingOption(node);
  return plain('zeroPadding2d', { before: [top, left] });
}

function dropout(node: NetworkNode): LayerDescription {
  const rate = dropoutRate(node);
  return rate === 0 ? plain('activation', { function: { name: 'linear' } }) : plain('dropout', { rate });
}

function activation(node: NetworkNode): LayerDescription {
  const fn = activationOption(node);
  return fn.name === 'softmax' ? plain('softmax') : plain('activation', { function: fn });
}
