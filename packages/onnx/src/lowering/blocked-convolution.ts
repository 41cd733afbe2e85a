import { CONTRIB_DOMAIN, type GraphBuilder, NCHWC_DOMAIN } from '../graph/graph-builder.js';
import type { Window } from './window.js';

/** OIHW kernel to ONNX Runtime's blocked order [O/b, I/b, height, width, b inputs, b outputs]; fewer inputs than a block stay unblocked. */
export function blockKernel(
  graph: GraphBuilder,
  kernel: string,
  [outputs, inputs]: readonly [number, number],
  size: readonly [number, number],
  block: number,
): string {
  const places = size[0] * size[1];
  const shape = [outputs, inputs, ...size];
  if (inputs < block) {
    const split = graph.reshape(kernel, [outputs / block, block, inputs * places]);
    return graph.reshape(graph.transpose(split, [0, 2, 1]), shape);
  }
  const split = graph.reshape(kernel, [outputs / block, block, inputs / block, block, places]);
  return graph.reshape(graph.transpose(split, [0, 2, 4, 3, 1]), shape);
}

/** The kernel of the input's gradient, blocked: turned by 180 degrees, inputs and outputs exchanged. */
export function blockTurnedKernel(
  graph: GraphBuilder,
  kernel: string,
  [outputs, inputs]: readonly [number, number],
  size: readonly [number, number],
  block: number,
): string {
  const places = size[0] * size[1];
  const split = graph.reshape(kernel, [outputs / block, block, inputs / block, block, places]);
  const exchanged = graph.transpose(split, [2, 0, 4, 1, 3]);
  const reversed = graph.integers(Array.from({ length: places }, (_, place) => places - 1 - place));
  const turned = places === 1 ? exchanged : graph.node('Gather', [exchanged, reversed], { axis: 2 });
  return graph.reshape(turned, [inputs, outputs, ...size]);
}

/** [channels, 1, height, width] to [channels/b, height, width, b]. */
export function blockDepthwiseKernel(
  graph: GraphBuilder,
  kernel: string,
  channels: number,
  size: readonly [number, number],
  block: number,
  turned = false,
): string {
  const places = size[0] * size[1];
  const split = graph.reshape(kernel, [channels / block, block, places]);
  const blocked = graph.transpose(split, [0, 2, 1]);
  const reversed = graph.integers(Array.from({ length: places }, (_, place) => places - 1 - place));
  const result = turned ? graph.node('Gather', [blocked, reversed], { axis: 1 }) : blocked;
  return graph.reshape(result, [channels, 1, ...size]);
}

/**
 * Gradient of a convolution with respect to its kernel, OIHW.
 *
 * It is itself a convolution, over three axes: the image number and the position are summed over, the kernel's place
 * slides, and the input channel is carried along as a third axis of width 1. As an image of `batch` channels, the
 * input [1, batch, height, width, inputs] is convolved with the gradient [outputs, batch, height, width, 1]; the result
 * is [1, outputs, kernel height, kernel width, inputs]. ONNX Runtime unfolds it piece by piece in the cache, each piece
 * a contiguous run of input channels, and multiplies with its fast matrix product: no shifted copies of the images.
 */
export function kernelGradientByVolume(
  graph: GraphBuilder,
  x: { readonly channelsLast: string; readonly channels: number },
  dy: { readonly channelsFirst: string; readonly channels: number },
  window: Window,
  batch: number,
): string {
  const volume = graph.reshape(x.channelsLast, [1, batch, ...window.inputSize, x.channels]);
  const [rows, columns] = window.outputSize;
  const flat = graph.reshape(dy.channelsFirst, [batch, dy.channels, rows * columns]);
  const filters = graph.reshape(graph.transpose(flat, [1, 0, 2]), [dy.channels, batch, rows, columns, 1]);
  const gradient = graph.node('Conv', [volume, filters], {
    kernel_shape: [rows, columns, 1],
    strides: [...window.dilations, 1],
    dilations: [...window.strides, 1],
    pads: [...window.before, 0, ...window.after, 0],
  });
  const cropped = graph.slice(gradient, [2, 3], [0, 0], window.kernel);
  const shape = [dy.channels, window.kernel[0] * window.kernel[1], x.channels];
  const byOutput = graph.transpose(graph.reshape(cropped, shape), [0, 2, 1]);
  return graph.reshape(byOutput, [dy.channels, x.channels, ...window.kernel]);
}

/**
 * The same for images with few channels (a grey-level input): the image is unfolded once by a one-hot convolution into
 * one channel for each place of the kernel, and one matrix product an image sums over the positions.
 */
export function kernelGradientByUnfolding(
  graph: GraphBuilder,
  x: { readonly channelsFirst: string; readonly channels: number },
  dy: { readonly channelsFirst: string; readonly channels: number },
  window: Window,
): string {
  const [height, width] = window.kernel;
  const places = height * width;
  const oneHot = new Float32Array(x.channels * places * places);
  for (let row = 0; row < x.channels * places; row++) oneHot[row * places + (row % places)] = 1;
  const unfolded = graph.node(
    'Conv',
    [x.channelsFirst, graph.constant(oneHot, [x.channels * places, 1, height, width])],
    {
      kernel_shape: window.kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: [...window.before, ...window.after],
      group: x.channels,
    },
  );
  const positions = window.outputSize[0] * window.outputSize[1];
  const left = graph.reshape(dy.channelsFirst, [-1, dy.channels, positions]);
  const right = graph.reshape(unfolded, [-1, x.channels * places, positions]);
  const products = graph.node('FusedMatMul', [left, right], { transB: 1 }, CONTRIB_DOMAIN);
  return graph.reshape(graph.sum(products, [0]), [dy.channels, x.channels, height, width]);
}

/** A node of the internal domain. An input that is left out is an empty name. */
export function blockedNode(
  graph: GraphBuilder,
  operator: string,
  inputs: readonly (string | undefined)[],
  attributes: Parameters<GraphBuilder['node']>[2] = {},
): string {
  const given = inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1);
  return graph.node(
    operator,
    given.map((input) => input ?? ''),
    attributes,
    NCHWC_DOMAIN,
  );
}
