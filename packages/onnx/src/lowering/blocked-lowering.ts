import type { Window } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import {
  blockDepthwiseKernel,
  blockedNode,
  blockKernel,
  blockTurnedKernel,
  kernelGradientByLines,
  kernelGradientByUnfolding,
} from './blocked-convolution.js';
import { isPositive } from './blocked-indicator.js';
import { maxPoolGradient } from './blocked-pooling.js';
import type { ConvolutionOptions, LoweringName } from './lowering.js';
import { convolutionAttributes } from './portable-convolution.js';
import { PortableLowering } from './portable-lowering.js';
import { poolAttributes } from './portable-pooling.js';
import { channelsOf, type Layout, type Tensor } from './tensor.js';
import { tiles } from './window.js';

/**
 * Writes the operations in ONNX Runtime's internal `com.microsoft.nchwc` operators, which keep `block` channels next to
 * each other in memory. Whatever has another number of channels than a multiple of the block, or has no internal
 * operator, is written in standard operators on the same values: every method falls back by itself.
 */
export class BlockedLowering extends PortableLowering {
  override readonly name: LoweringName = 'blocked';

  constructor(
    graph: GraphBuilder,
    /** Channels in a block: 16 with AVX-512, 8 with AVX2. A wrong number gives wrong results: see probe.ts. */
    private readonly block: number,
  ) {
    super(graph);
  }

  override image(x: Tensor): Tensor {
    return this.#fits(x) ? this.toLayout(x, 'blocked') : super.image(x);
  }

  override convolve(
    x: Tensor,
    kernel: string,
    bias: string | undefined,
    window: Window,
    filters: number,
    options: ConvolutionOptions = {},
  ): Tensor {
    const inputs = channelsOf(x);
    const fits = this.#divides(filters) && (this.#divides(inputs) || inputs < this.block);
    if (!fits) return super.convolve(x, kernel, bias, window, filters, options);
    const source = this.toLayout(x, inputs < this.block ? 'nchw' : 'blocked');
    const blocked = blockKernel(this.graph, kernel, [filters, inputs], window.kernel, this.block);
    const name = blockedNode(this.graph, 'Conv', [source.name, blocked, bias], {
      ...convolutionAttributes(window),
      ...(options.relu ? { activation: 'Relu' } : {}),
    });
    return { name, shape: [x.shape[0]!, ...window.outputSize, filters], layout: 'blocked' };
  }

  override convolveInputGradient(
    dy: Tensor,
    kernel: string,
    window: Window,
    inputShape: readonly number[],
    partial?: Tensor,
  ): Tensor {
    const [outputs, inputs] = [channelsOf(dy), inputShape.at(-1)!];
    const fits = this.#divides(outputs) && this.#divides(inputs) && window.strides.every((s) => s === 1);
    if (!fits) return super.convolveInputGradient(dy, kernel, window, inputShape, partial);
    const turned = blockTurnedKernel(this.graph, kernel, [outputs, inputs], window.kernel, this.block);
    const sources = [this.#blocked(dy), turned, undefined, partial && this.#blocked(partial)];
    const name = blockedNode(this.graph, 'Conv', sources, turnedAttributes(window));
    return { name, shape: inputShape, layout: 'blocked' };
  }

  override convolveKernelGradient(x: Tensor, dy: Tensor, window: Window): string {
    const [inputs, outputs] = [channelsOf(x), channelsOf(dy)];
    const gradient = { channelsFirst: this.toLayout(dy, 'nchw').name, channels: outputs };
    if (inputs < 4) {
      const image = { channelsFirst: this.toLayout(x, 'nchw').name, channels: inputs };
      return kernelGradientByUnfolding(this.graph, image, gradient, window);
    }
    const image = { channelsLast: this.toLayout(x, 'plain').name, channels: inputs };
    return kernelGradientByLines(this.graph, image, gradient, window, x.shape[0]!);
  }

  override convolveDepthwise(
    x: Tensor,
    kernel: string,
    bias: string | undefined,
    window: Window,
    multiplier: number,
  ): Tensor {
    const channels = channelsOf(x);
    if (multiplier !== 1 || !this.#divides(channels)) {
      return super.convolveDepthwise(x, kernel, bias, window, multiplier);
    }
    const blocked = blockDepthwiseKernel(this.graph, kernel, channels, window.kernel, this.block);
    const attributes = convolutionAttributes(window, channels);
    const name = blockedNode(this.graph, 'Conv', [this.#blocked(x), blocked, bias], attributes);
    return { name, shape: [x.shape[0]!, ...window.outputSize, channels], layout: 'blocked' };
  }

  override convolveDepthwiseInputGradient(
    dy: Tensor,
    kernel: string,
    window: Window,
    inputShape: readonly number[],
  ): Tensor {
    const channels = channelsOf(dy);
    const fits =
      channels === inputShape.at(-1) && this.#divides(channels) && window.strides.every((s) => s === 1);
    if (!fits) return super.convolveDepthwiseInputGradient(dy, kernel, window, inputShape);
    const turned = blockDepthwiseKernel(this.graph, kernel, channels, window.kernel, this.block, true);
    const attributes = { ...turnedAttributes(window), group: channels };
    const name = blockedNode(this.graph, 'Conv', [this.#blocked(dy), turned], attributes);
    return { name, shape: inputShape, layout: 'blocked' };
  }

  override maxPool(x: Tensor, window: Window): Tensor {
    if (!this.#fits(x)) return super.maxPool(x, window);
    return this.#pooled(
      blockedNode(this.graph, 'MaxPool', [this.#blocked(x)], poolAttributes(window)),
      x,
      window,
    );
  }

  override maxPoolGradient(x: Tensor, y: Tensor, dy: Tensor, window: Window): Tensor {
    const fits = this.#fits(x) && tiles(window) && window.before.every((padding) => padding === 0);
    if (!fits) return super.maxPoolGradient(x, y, dy, window);
    const [from, top, gradient] = [this.#blocked(x), this.#blocked(y), this.#blocked(dy)];
    const name = maxPoolGradient(this.graph, from, top, gradient, window, channelsOf(x), this.block);
    return { name, shape: x.shape, layout: 'blocked' };
  }

  override averagePool(x: Tensor, window: Window): Tensor {
    if (!this.#fits(x)) return super.averagePool(x, window);
    const attributes = { ...poolAttributes(window), count_include_pad: 0 };
    return this.#pooled(blockedNode(this.graph, 'AveragePool', [this.#blocked(x)], attributes), x, window);
  }

  override averagePoolGradient(dy: Tensor, window: Window, inputShape: readonly number[]): Tensor {
    const covered = window.outputSize.every(
      (length, axis) => length * window.kernel[axis]! === window.inputSize[axis],
    );
    if (!this.#fits(dy) || !tiles(window) || !covered) {
      return super.averagePoolGradient(dy, window, inputShape);
    }
    const share = this.graph.scalar(1 / (window.kernel[0] * window.kernel[1]));
    const shared = this.graph.multiply(this.#blocked(dy), share);
    return { name: this.#enlarge(shared, window.kernel), shape: inputShape, layout: 'blocked' };
  }

  override imageMean(x: Tensor): Tensor {
    if (!this.#fits(x)) return super.imageMean(x);
    const pixel = blockedNode(this.graph, 'GlobalAveragePool', [this.#blocked(x)]);
    const channels = channelsOf(x);
    const name = this.graph.reshape(pixel, [-1, channels]);
    return { name, shape: [x.shape[0]!, channels], layout: 'plain' };
  }

  override spread(x: Tensor, shape: readonly number[]): Tensor {
    const [, height, width, channels] = shape as [number, number, number, number];
    if (!this.#divides(channels)) return super.spread(x, shape);
    const pixel = this.graph.reshape(x.name, [-1, channels, 1, 1]);
    return { name: this.#enlarge(pixel, [height, width]), shape, layout: 'blocked' };
  }

  override channelMean(x: Tensor): string {
    return this.#fits(x) ? this.graph.mean(this.imageMean(x).name, [0]) : super.channelMean(x);
  }

  override scaleChannels(x: Tensor, scale: string, shift?: string, addend?: Tensor): Tensor {
    if (!this.#fits(x)) return super.scaleChannels(x, scale, shift, addend);
    const channels = channelsOf(x);
    const kernel = this.graph.reshape(scale, [channels, 1, 1, 1]);
    const sources = [this.#blocked(x), kernel, shift, addend && this.#blocked(addend)];
    const name = blockedNode(this.graph, 'Conv', sources, { kernel_shape: [1, 1], group: channels });
    return { name, shape: x.shape, layout: 'blocked' };
  }

  override maskPositive(dy: Tensor, y: Tensor): Tensor {
    if (!this.#fits(y)) return super.maskPositive(dy, y);
    const mask = isPositive(this.graph, this.#blocked(y), channelsOf(y));
    return { name: this.graph.multiply(this.#blocked(dy), mask), shape: y.shape, layout: 'blocked' };
  }

  protected override toLayout(x: Tensor, layout: Layout): Tensor {
    if (x.layout === layout || (x.layout !== 'blocked' && layout !== 'blocked')) {
      return super.toLayout(x, layout);
    }
    const [, height, width, channels] = x.shape as [number, number, number, number];
    const target = layout === 'plain' ? [-1, height, width, channels] : [-1, channels, height, width];
    // One pixel: the channels follow each other in every layout.
    if (height * width === 1) return { ...x, name: this.graph.reshape(x.name, target), layout };
    const channelsLast = layout === 'plain' || x.layout === 'plain' ? 1 : 0;
    const name =
      layout === 'blocked'
        ? blockedNode(this.graph, 'ReorderInput', [x.name], { channels_last: channelsLast })
        : blockedNode(this.graph, 'ReorderOutput', [x.name], { channels, channels_last: channelsLast });
    return { name, shape: x.shape, layout };
  }

  #blocked(x: Tensor): string {
    return this.toLayout(x, 'blocked').name;
  }

  #divides(channels: number): boolean {
    return channels % this.block === 0;
  }

  #fits(x: Tensor): boolean {
    return x.shape.length === 4 && this.#divides(channelsOf(x));
  }

  #pooled(name: string, x: Tensor, window: Window): Tensor {
    return { name, shape: [x.shape[0]!, ...window.outputSize, channelsOf(x)], layout: 'blocked' };
  }

  /** Repeats each pixel of a blocked image. */
  #enlarge(x: string, factors: readonly [number, number]): string {
    return blockedNode(this.graph, 'Upsample', [x], { scales: [1, 1, ...factors], mode: 'nearest' });
  }
}

/** Attributes of the stride-1 convolution that gives a convolution's input gradient. */
function turnedAttributes(window: Window) {
  const { kernel, dilations, before, after } = window;
  const extent = kernel.map((size, axis) => (size - 1) * dilations[axis]!);
  return {
    kernel_shape: kernel,
    dilations,
    pads: [...extent.map((e, axis) => e - before[axis]!), ...extent.map((e, axis) => e - after[axis]!)],
  };
}
