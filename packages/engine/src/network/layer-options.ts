import { EngineError } from '../engine-error.js';
import type { NetworkNode, NetworkWeight } from './network.js';
import { resolveWindow, type Window } from './window.js';

/** An error that names the layer, what was found in its config and what is supported. */
export function unsupportedLayer(node: NetworkNode, found: string, supported: string): EngineError {
  return new EngineError(
    'UNSUPPORTED_LAYER',
    `layer "${node.layer}" (${node.kind}): ${found}; supported: ${supported}`,
  );
}

export function numberOption(node: NetworkNode, key: string): number {
  const value = node.config[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw unsupportedLayer(node, `${key} is ${JSON.stringify(value)}`, 'a finite number');
}

/** A number, or a list of one or two numbers, as [height, width]. */
function pairOption(node: NetworkNode, key: string): [number, number] {
  const value = node.config[key];
  const list = Array.isArray(value) ? value : [value];
  const [height, width = height] = list;
  if (list.length <= 2 && [height, width].every((size) => Number.isInteger(size) && size > 0)) {
    return [height, width];
  }
  throw unsupportedLayer(node, `${key} is ${JSON.stringify(value)}`, 'a positive integer or a pair of them');
}

/** The window of a convolution or pooling. @param sizeKey the config's key of the window's size */
export function windowOption(node: NetworkNode, sizeKey: 'kernelSize' | 'poolSize'): Window {
  requireChannelsLast(node);
  const padding = node.config.padding;
  if (padding !== 'same' && padding !== 'valid') {
    throw unsupportedLayer(node, `padding is ${JSON.stringify(padding)}`, '"same" and "valid"');
  }
  const [height, width] = node.inputShapes[0] as [number, number, number];
  const window = {
    kernel: pairOption(node, sizeKey),
    strides: pairOption(node, 'strides'),
    dilations: sizeKey === 'kernelSize' ? pairOption(node, 'dilationRate') : ([1, 1] as [number, number]),
    padding,
  } as const;
  return resolveWindow(window, [height, width]);
}

export function requireChannelsLast(node: NetworkNode): void {
  const format = node.config.dataFormat;
  if (format !== undefined && format !== null && format !== 'channelsLast') {
    throw unsupportedLayer(node, `dataFormat is ${JSON.stringify(format)}`, '"channelsLast"');
  }
  if (node.inputShapes[0]!.length !== 3) {
    const shape = JSON.stringify(node.inputShapes[0]);
    throw unsupportedLayer(node, `the input has shape ${shape}`, '[height, width, channels]');
  }
}

/** The weights of a batch normalisation by their roles; gamma and beta are absent where the layer was built without. */
export interface NormalizationOptions {
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma: NetworkWeight | undefined;
  readonly beta: NetworkWeight | undefined;
  readonly movingMean: NetworkWeight;
  readonly movingVariance: NetworkWeight;
}

export function normalizationOptions(node: NetworkNode): NormalizationOptions {
  const axis = node.config.axis ?? -1;
  const rank = node.outputShape.length + 1;
  if (axis !== -1 && axis !== rank - 1) {
    throw unsupportedLayer(node, `axis is ${JSON.stringify(axis)}`, `the last axis (-1 or ${rank - 1})`);
  }
  const rest = [...node.weights];
  const gamma = node.config.scale === false ? undefined : rest.shift();
  const beta = node.config.center === false ? undefined : rest.shift();
  const [movingMean, movingVariance] = rest as [NetworkWeight, NetworkWeight];
  const momentum = numberOption(node, 'momentum');
  const epsilon = numberOption(node, 'epsilon');
  return { momentum, epsilon, gamma, beta, movingMean, movingVariance };
}

/** A dense layer multiplies vectors; tfjs would take an image and multiply its last axis alone. */
export function requireVectors(node: NetworkNode): void {
  if (node.inputShapes[0]!.length === 1) return;
  const shape = JSON.stringify(node.inputShapes[0]);
  throw unsupportedLayer(node, `the input has shape ${shape}`, 'vectors: flatten first');
}

export function depthwiseWindowOption(node: NetworkNode): Window {
  const dilation = pairOption(node, 'dilationRate');
  if (dilation.some((rate) => rate !== 1)) {
    throw unsupportedLayer(node, `dilationRate is ${JSON.stringify(dilation)}`, '1 (tfjs ignores any other)');
  }
  return windowOption(node, 'kernelSize');
}

/** From 0 up to, but not, 1. */
export function dropoutRate(node: NetworkNode): number {
  const rate = numberOption(node, 'rate');
  if (rate < 0 || rate >= 1) throw unsupportedLayer(node, `rate is ${rate}`, '0 <= rate < 1');
  const { noiseShape } = node.config;
  if (noiseShape !== undefined && noiseShape !== null) {
    throw unsupportedLayer(node, `noiseShape is ${JSON.stringify(noiseShape)}`, 'no noiseShape');
  }
  return rate;
}

/** Sums and products of inputs do not broadcast. */
export function requireEqualShapes(node: NetworkNode): void {
  const [first, ...rest] = node.inputShapes.map((shape) => JSON.stringify(shape));
  const other = rest.find((shape) => shape !== first);
  if (other === undefined) return;
  throw unsupportedLayer(
    node,
    `inputs of shapes ${first} and ${other}`,
    'inputs of one shape (no broadcasting)',
  );
}

/** The axis that a concatenation joins, counted with the batch as axis 0: 1 or more. */
export function concatenationAxis(node: NetworkNode): number {
  const rank = node.outputShape.length + 1;
  const given = (node.config.axis as number | undefined) ?? -1;
  const axis = given < 0 ? given + rank : given;
  if (Number.isInteger(axis) && axis >= 1 && axis < rank) return axis;
  const found = `axis is ${JSON.stringify(node.config.axis)}`;
  throw unsupportedLayer(node, found, `1 to ${rank - 1}, or -${rank - 1} to -1`);
}

/** Zeros around an image: [[top, bottom], [left, right]]. */
export function paddingOption(node: NetworkNode): [[number, number], [number, number]] {
  requireChannelsLast(node);
  const padding = node.config.padding as unknown;
  const both = (value: unknown): unknown => (typeof value === 'number' ? [value, value] : value);
  const pairs = both(padding);
  const sides = Array.isArray(pairs) ? pairs.map(both) : [];
  const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
  if (sides.length === 2 && sides.flat().length === 4 && sides.flat().every(isCount)) {
    return sides as [[number, number], [number, number]];
  }
  const found = `padding is ${JSON.stringify(padding)}`;
  throw unsupportedLayer(node, found, 'n, [rows, columns] or [[top, bottom], [left, right]]');
}
