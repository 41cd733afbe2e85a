import type { Window } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { pads } from './window.js';

/** Attributes of an ONNX Conv node. */
export function convolutionAttributes(window: Window, group = 1) {
  return {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: pads(window),
    group,
  };
}

/** ONNX's kernel order. */
export function toOihw(graph: GraphBuilder, kernel: string): string {
  return graph.transpose(kernel, [3, 2, 0, 1]);
}

/** A depthwise kernel as [channels * multiplier, 1, height, width]. */
export function depthwiseToOihw(
  graph: GraphBuilder,
  kernel: string,
  window: Window,
  outputs: number,
): string {
  return graph.reshape(graph.transpose(kernel, [2, 3, 0, 1]), [outputs, 1, ...window.kernel]);
}

/**
 * Gradient of a convolution with respect to its input, NCHW.
 * Stride 1: a convolution with the kernel turned by 180 degrees; else ONNX's ConvTranspose, which is its definition.
 *
 * @param kernel [outputs, inputs / group, height, width]
 * @param channels outputs and inputs of the convolution
 */
export function inputGradient(
  graph: GraphBuilder,
  dy: string,
  kernel: string,
  window: Window,
  channels: { readonly outputs: number; readonly inputs: number; readonly group: number },
): string {
  const { kernel: size, strides, dilations, before, after } = window;
  const extent = size.map((length, axis) => (length - 1) * dilations[axis]!);
  if (strides.every((stride) => stride === 1)) {
    return graph.node('Conv', [dy, turnKernel(graph, kernel, window, channels)], {
      kernel_shape: size,
      dilations,
      pads: [...extent.map((e, axis) => e - before[axis]!), ...extent.map((e, axis) => e - after[axis]!)],
      group: channels.group,
    });
  }
  // Rows and columns of the input that no window reaches have no gradient.
  const reached = window.outputSize.map(
    (length, axis) => (length - 1) * strides[axis]! + extent[axis]! + 1 - before[axis]! - after[axis]!,
  );
  const missing = reached.map((length, axis) => Math.max(window.inputSize[axis]! - length, 0));
  const gradient = graph.node('ConvTranspose', [dy, kernel], {
    kernel_shape: size,
    strides,
    dilations,
    pads: pads(window),
    group: channels.group,
  });
  return padAfter(graph, gradient, missing);
}

/** OIHW turned by 180 degrees, inputs and outputs exchanged within each group. */
function turnKernel(
  graph: GraphBuilder,
  kernel: string,
  window: Window,
  { outputs, inputs, group }: { outputs: number; inputs: number; group: number },
): string {
  const turned = turn(graph, kernel, window);
  if (group === 1) return graph.transpose(turned, [1, 0, 2, 3]);
  const grouped = graph.reshape(turned, [group, outputs / group, inputs / group, ...window.kernel]);
  return graph.reshape(graph.transpose(grouped, [0, 2, 1, 3, 4]), [
    inputs,
    outputs / group,
    ...window.kernel,
  ]);
}

function turn(graph: GraphBuilder, kernel: string, window: Window): string {
  if (window.kernel[0] === 1 && window.kernel[1] === 1) return kernel;
  const reversed = (length: number) =>
    graph.integers(Array.from({ length }, (_, index) => length - 1 - index));
  const rows = graph.node('Gather', [kernel, reversed(window.kernel[0])], { axis: 2 });
  return graph.node('Gather', [rows, reversed(window.kernel[1])], { axis: 3 });
}

/**
 * Gradient of a convolution with respect to its kernel, NCHW in, HWIO out: itself a convolution, of the input (batch
 * and channels exchanged) with the output's gradient as the kernel, strides and dilations exchanged.
 */
export function kernelGradient(graph: GraphBuilder, x: string, dy: string, window: Window): string {
  const gradient = graph.node('Conv', [graph.transpose(x, [1, 0, 2, 3]), graph.transpose(dy, [1, 0, 2, 3])], {
    kernel_shape: window.outputSize,
    strides: window.dilations,
    dilations: window.strides,
    pads: pads(window),
  });
  return graph.transpose(cropToKernel(graph, gradient, window), [2, 3, 0, 1]);
}

/** The same for a depthwise convolution, one group a channel: [height, width, channels, multiplier]. */
export function depthwiseKernelGradient(
  graph: GraphBuilder,
  x: string,
  dy: string,
  window: Window,
  batch: number,
  channels: number,
  multiplier: number,
): string {
  const merged = graph.reshape(graph.transpose(x, [1, 0, 2, 3]), [1, channels * batch, ...window.inputSize]);
  const gradient = graph.node('Conv', [merged, graph.transpose(dy, [1, 0, 2, 3])], {
    kernel_shape: window.outputSize,
    strides: window.dilations,
    dilations: window.strides,
    pads: pads(window),
    group: channels,
  });
  const cropped = graph.reshape(cropToKernel(graph, gradient, window), [
    channels,
    multiplier,
    ...window.kernel,
  ]);
  return graph.transpose(cropped, [2, 3, 0, 1]);
}

/** Where the last window stops short of the image's edge, the convolution yields rows and columns too many. */
function cropToKernel(graph: GraphBuilder, gradient: string, window: Window): string {
  const produced = window.inputSize.map((length, axis) => {
    const padded = length + window.before[axis]! + window.after[axis]!;
    const extent = (window.outputSize[axis]! - 1) * window.strides[axis]! + 1;
    return Math.floor((padded - extent) / window.dilations[axis]!) + 1;
  });
  if (produced.every((length, axis) => length === window.kernel[axis])) return gradient;
  return graph.slice(gradient, [2, 3], [0, 0], window.kernel);
}

/** NCHW images with the window's padding around them. */
export function padImages(graph: GraphBuilder, x: string, { before, after }: Window): string {
  if ([...before, ...after].every((length) => length === 0)) return x;
  return graph.node('Pad', [x, graph.integers([0, 0, ...before, 0, 0, ...after])]);
}

/** Adds zeros below and to the right of NCHW images. */
export function padAfter(graph: GraphBuilder, x: string, amount: readonly number[]): string {
  if (amount.every((length) => length === 0)) return x;
  return graph.node('Pad', [x, graph.integers([0, 0, 0, 0, 0, 0, ...amount])]);
}
