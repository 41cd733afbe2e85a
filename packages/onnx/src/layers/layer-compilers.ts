import { unsupportedLayer } from '@mnist/engine';
import type { NetworkNode } from '../network/network.js';
import { activation } from './activation.js';
import { batchNormalization } from './batch-normalization.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { depthwiseConv2d } from './depthwise-conv2d.js';
import { dropout } from './dropout.js';
import { globalAveragePooling2d, globalMaxPooling2d } from './global-pooling2d.js';
import type { LayerCompiler } from './layer-compiler.js';
import { add, concatenate, multiply } from './merge.js';
import { averagePooling2d, maxPooling2d } from './pooling2d.js';
import { reshape } from './reshape.js';
import { zeroPadding2d } from './zero-padding2d.js';

/** The layers that can be compiled, by tfjs class name. A new layer is a new file and a line here. */
const LAYER_COMPILERS: Readonly<Record<string, LayerCompiler>> = {
  Activation: activation,
  Add: add,
  AveragePooling2D: averagePooling2d,
  BatchNormalization: batchNormalization,
  Concatenate: concatenate,
  Conv2D: conv2d,
  Dense: dense,
  DepthwiseConv2D: depthwiseConv2d,
  Dropout: dropout,
  ELU: activation,
  Flatten: reshape,
  GlobalAveragePooling2D: globalAveragePooling2d,
  GlobalMaxPooling2D: globalMaxPooling2d,
  LeakyReLU: activation,
  MaxPooling2D: maxPooling2d,
  Multiply: multiply,
  ReLU: activation,
  Reshape: reshape,
  Softmax: activation,
  ZeroPadding2D: zeroPadding2d,
};

/** Class names of the tfjs layers that `onnxEngine` trains and `exportOnnx` exports. */
export const supportedLayers: readonly string[] = Object.keys(LAYER_COMPILERS);

/** @throws EngineError UNSUPPORTED_LAYER */
export function layerCompiler(node: NetworkNode): LayerCompiler {
  const compiler = Object.hasOwn(LAYER_COMPILERS, node.kind) ? LAYER_COMPILERS[node.kind] : undefined;
  if (compiler !== undefined) return compiler;
  const config = JSON.stringify(node.config);
  throw unsupportedLayer(node, `a layer of this kind, with config ${config},`, supportedLayers.join(', '));
}
