import { EngineError } from '../engine-error.js';
import type { NetworkNode } from './network.js';
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
export function pairOption(node: NetworkNode, key: string): [number, number] {
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
