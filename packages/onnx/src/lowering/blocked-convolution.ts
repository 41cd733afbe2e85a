import type { Window } from '@mnist/engine';
import { CONTRIB_DOMAIN, type GraphBuilder, NCHWC_DOMAIN } from '../graph/graph-builder.js';

/**
 * HWIO kernel to ONNX Runtime's blocked order [O/b, I/b, height, width, b inputs, b outputs]; fewer inputs than a block
 * stay together: [O/b, I, height, width, b outputs]. Outputs lie side by side in both, so whole blocks are moved.
 */
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
    const split = graph.reshape(kernel, [places, inputs, outputs / block, block]);
    return graph.reshape(graph.transpose(split, [2, 1, 0, 3]), shape);
  }
  const split = graph.reshape(kernel, [places, inputs / block, block, outputs / block, block]);
  return graph.reshape(graph.transpose(split, [3, 1, 0, 2, 4]), shape);
}

/**
 * The kernel of the input's gradient, blocked: turned by 180 degrees, inputs and outputs exchanged. Two transpositions,
 * one that turns matrices and one that moves blocks: ONNX Runtime has fast ways for both, but not for their product.
 */
export function blockTurnedKernel(
  graph: GraphBuilder,
  kernel: string,
  [outputs, inputs]: readonly [number, number],
  size: readonly [number, number],
  block: number,
): string {
  const places = size[0] * size[1];
  const exchanged = graph.transpose(graph.reshape(kernel, [places, inputs, outputs]), [0, 2, 1]);
  const reversed = graph.integers(Array.from({ length: places }, (_, place) => places - 1 - place));
  const turned = places === 1 ? exchanged : graph.node('Gather', [exchanged, reversed], { axis: 0 });
  const split = graph.reshape(turned, [places, outputs / block, block, inputs / block, block]);
  return graph.reshape(graph.transpose(split, [3, 1, 0, 2, 4]), [inputs, outputs, ...size]);
}

/** [height, width, channels, 1] to [channels/b, height, width, b]. */
export function blockDepthwiseKernel(
  graph: GraphBuilder,
  kernel: string,
  channels: number,
  size: readonly [number, number],
  block: number,
  turned = false,
): string {
  const places = size[0] * size[1];
  const split = graph.reshape(kernel, [places, channels / block, block]);
  const reversed = graph.integers(Array.from({ length: places }, (_, place) => places - 1 - place));
  const ordered = turned ? graph.node('Gather', [split, reversed], { axis: 0 }) : split;
  return graph.reshape(graph.transpose(ordered, [1, 0, 2]), [channels, 1, ...size]);
}

/**
 * Gradient of a convolution with respect to its kernel, HWIO.
 *
 * It is itself a convolution: over the images as channels and the positions as the kernel's places, the result being
 * the places of the original kernel. To carry the input channels along, each row of the channels-last input is read as
 * width * channels pixels in a line, and the filter steps over it with a dilation of one pixel's channels. ONNX Runtime
 * unfolds that piece by piece in the cache, each piece a contiguous run, and multiplies with its fast matrix product:
 * no shifted copies of the images are ever written. Many images are summed in groups (a grouped convolution).
 */
export function kernelGradientByLines(
  graph: GraphBuilder,
  x: { readonly channelsLast: string; readonly channels: number },
  dy: { readonly channelsFirst: string; readonly channels: number },
  window: Window,
  batch: number,
): string {
  const { kernel, strides, dilations, before, after, inputSize, outputSize } = window;
  const [height, width] = inputSize;
  const [rows, columns] = outputSize;
  const reachedRows =
    Math.floor((height + before[0] + after[0] - (rows - 1) * strides[0] - 1) / dilations[0]) + 1;
  const reachedColumns = width + before[1] + after[1] - (columns - 1) * strides[1];
  const resultSize = dy.channels * reachedRows * reachedColumns * x.channels;
  const operands = batch * (height * width * x.channels + rows * columns * dy.channels);
  const groups = chooseGroups(batch, operands, resultSize);
  const images = batch / groups;

  const lines = graph.reshape(x.channelsLast, [1, batch, height, width * x.channels]);
  const flat = graph.reshape(dy.channelsFirst, [groups, images, dy.channels, rows * columns]);
  const filterShape = [groups * dy.channels, images, rows, columns];
  const filters = graph.reshape(graph.transpose(flat, [0, 2, 1, 3]), filterShape);
  const partial = graph.node('Conv', [lines, filters], {
    kernel_shape: outputSize,
    strides: [dilations[0], 1],
    dilations: [strides[0], strides[1] * x.channels],
    pads: [before[0], before[1] * x.channels, after[0], after[1] * x.channels],
    group: groups,
  });
  const places = [dy.channels, reachedRows, reachedColumns, x.channels];
  const summed = groups === 1 ? partial : graph.sum(graph.reshape(partial, [groups, resultSize]), [0]);
  const gradient = graph.reshape(summed, places);
  const ends = [kernel[0], (kernel[1] - 1) * dilations[1] + 1];
  const whole = reachedRows === ends[0] && reachedColumns === ends[1] && dilations[1] === 1;
  const used = whole ? gradient : graph.slice(gradient, [1, 2], [0, 0], ends, [1, dilations[1]]);
  const byOutput = graph.reshape(used, [dy.channels, kernel[0] * kernel[1] * x.channels]);
  return graph.reshape(graph.transpose(byOutput, [1, 0]), [...kernel, x.channels, dy.channels]);
}

/** Numbers that both operands of a group should not exceed, to stay near the processor: 5 MB. */
const GROUP_SIZE = 1_250_000;
/** Numbers that the groups' results should not exceed: 4 MB. */
const RESULTS_SIZE = 1_000_000;

/** Into how many groups of images to split the sum, so that a group's operands stay in the cache while it is computed. */
function chooseGroups(batch: number, operands: number, resultSize: number): number {
  let groups = 1;
  while (groups < batch && operands / groups > GROUP_SIZE) {
    const larger = nextDivisor(batch, groups);
    if (larger * resultSize > RESULTS_SIZE) break;
    groups = larger;
  }
  return groups;
}

function nextDivisor(value: number, after: number): number {
  let divisor = after + 1;
  while (value % divisor !== 0) divisor += 1;
  return divisor;
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
  const byOutput = graph.reshape(graph.sum(products, [0]), [dy.channels, x.channels, places]);
  return graph.reshape(graph.transpose(byOutput, [2, 1, 0]), [height, width, x.channels, dy.channels]);
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
