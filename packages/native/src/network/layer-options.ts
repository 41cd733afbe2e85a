import { EngineError } from '@mnist/engine';
import type { NetworkNode } from './network.js';

/** An error that names the layer, what was found in its config and what is supported. */
export function unsupported(node: NetworkNode, found: string, supported: string): EngineError {
  return new EngineError(
    'UNSUPPORTED_LAYER',
    `layer "${node.layer}" (${node.kind}): ${found}; supported: ${supported}`,
  );
}

export function numberOption(node: NetworkNode, key: string): number {
  const value = node.config[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw unsupported(node, `${key} is ${JSON.stringify(value)}`, 'a finite number');
}

/** A number, or a list of one or two numbers, as [height, width]. */
export function pairOption(node: NetworkNode, key: string): [number, number] {
  const value = node.config[key];
  const list = Array.isArray(value) ? value : [value];
  const [height, width = height] = list;
  if (list.length <= 2 && [height, width].every((size) => Number.isInteger(size) && size > 0)) {
    return [height, width];
  }
  throw unsupported(node, `${key} is ${JSON.stringify(value)}`, 'a positive integer or a pair of them');
}

export function requireImages(node: NetworkNode): void {
  const format = node.config.dataFormat;
  if (format !== undefined && format !== null && format !== 'channelsLast') {
    throw unsupported(node, `dataFormat is ${JSON.stringify(format)}`, '"channelsLast"');
  }
  if (node.inputShapes[0]!.length !== 3) {
    const shape = JSON.stringify(node.inputShapes[0]);
    throw unsupported(node, `the input has shape ${shape}`, '[height, width, channels]');
  }
}

/** A sliding window; pairs are [height, width]. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Padding above and to the left. */
  readonly before: readonly [number, number];
}

/**
 * The window of a convolution or pooling. With 'same' padding the odd pixel goes after the image, as in TensorFlow.
 *
 * @param sizeKey the config's key of the window's size
 */
export function windowOption(node: NetworkNode, sizeKey: 'kernelSize' | 'poolSize'): Window {
  requireImages(node);
  const padding = node.config.padding;
  if (padding !== 'same' && padding !== 'valid') {
    throw unsupported(node, `padding is ${JSON.stringify(padding)}`, '"same" and "valid"');
  }
  const kernel = pairOption(node, sizeKey);
  const strides = pairOption(node, 'strides');
  const dilations: [number, number] = sizeKey === 'kernelSize' ? pairOption(node, 'dilationRate') : [1, 1];
  const paddingBefore = (axis: 0 | 1): number => {
    if (padding === 'valid') return 0;
    const length = node.inputShapes[0]![axis]!;
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    const needed = (Math.ceil(length / strides[axis]) - 1) * strides[axis] + extent - length;
    return Math.floor(Math.max(needed, 0) / 2);
  };
  return { kernel, strides, dilations, before: [paddingBefore(0), paddingBefore(1)] };
}
