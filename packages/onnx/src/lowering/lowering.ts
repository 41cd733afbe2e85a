import type { Window } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { Tensor } from './tensor.js';

export const loweringNames = ['portable', 'blocked', 'matmul'] as const;
export type LoweringName = (typeof loweringNames)[number];

export interface ConvolutionOptions {
  /** Applies max(0, x) to the result. */
  readonly relu?: boolean;
}

/**
 * The vocabulary in which the layers are written: each operation of a forward or backward pass, as nodes of the graph.
 * Kernels are in tfjs's order: HWIO, depthwise [height, width, channels, multiplier]. `string` stands for a value without
 * a layout of its own: a kernel, or a vector with one number a channel.
 */
export interface Lowering {
  readonly name: LoweringName;
  readonly graph: GraphBuilder;

  /** The value as tfjs lays it out. */
  plain(x: Tensor): Tensor;
  /** Images in the layout that this lowering computes on; other ranks unchanged. */
  image(x: Tensor): Tensor;
  /** Both values in one layout, for elementwise operators. */
  unify(a: Tensor, b: Tensor): [Tensor, Tensor];

  convolve(
    x: Tensor,
    kernel: string,
    bias: string | undefined,
    window: Window,
    filters: number,
    options?: ConvolutionOptions,
  ): Tensor;
  /** @param partial a gradient of the same input to be added */
  convolveInputGradient(
    dy: Tensor,
    kernel: string,
    window: Window,
    inputShape: readonly number[],
    partial?: Tensor,
  ): Tensor;
  /** HWIO */
  convolveKernelGradient(x: Tensor, dy: Tensor, window: Window): string;

  convolveDepthwise(
    x: Tensor,
    kernel: string,
    bias: string | undefined,
    window: Window,
    multiplier: number,
  ): Tensor;
  convolveDepthwiseInputGradient(
    dy: Tensor,
    kernel: string,
    window: Window,
    inputShape: readonly number[],
  ): Tensor;
  /** [height, width, channels, multiplier] */
  convolveDepthwiseKernelGradient(x: Tensor, dy: Tensor, window: Window): string;

  maxPool(x: Tensor, window: Window): Tensor;
  /** Ties go to the first place of the window, row by row, as in PyTorch. `x` and `y`: input and output of the pooling. */
  maxPoolGradient(x: Tensor, y: Tensor, dy: Tensor, window: Window): Tensor;
  /** Padding does not count, as in TensorFlow. */
  averagePool(x: Tensor, window: Window): Tensor;
  averagePoolGradient(dy: Tensor, window: Window, inputShape: readonly number[]): Tensor;
  /** Mean over height and width: [batch, channels]. */
  imageMean(x: Tensor): Tensor;
  /** Repeats a [batch, channels] value over height and width. */
  spread(x: Tensor, shape: readonly number[]): Tensor;

  /** Mean of each channel over the batch and the image: [channels]. */
  channelMean(x: Tensor): string;
  /** Mean of the product of two values, for each channel: [channels]. */
  channelMeanProduct(a: Tensor, b: Tensor): string;
  /** x * scale + shift + addend, scale and shift [channels]. */
  scaleChannels(x: Tensor, scale: string, shift?: string, addend?: Tensor): Tensor;

  /** `dy` where `y` > 0, else 0: the gradient of a ReLU with output `y`. */
  maskPositive(dy: Tensor, y: Tensor): Tensor;
}
