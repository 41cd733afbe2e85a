import type { Window } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { ConvolutionOptions, Lowering, LoweringName } from './lowering.js';
import {
  convolutionAttributes,
  depthwiseKernelGradient,
  depthwiseToOihw,
  inputGradient,
  kernelGradient,
  toOihw,
} from './portable-convolution.js';
import { averagePoolGradient, maxPoolGradient, poolAttributes } from './portable-pooling.js';
import { channelsOf, type Layout, type Tensor } from './tensor.js';

/** Writes every operation in standard ONNX operators: any provider, any machine. Images are NCHW. */
export class PortableLowering implements Lowering {
  readonly name: LoweringName = 'portable';

  constructor(readonly graph: GraphBuilder) {}

  plain(x: Tensor): Tensor {
    return this.toLayout(x, 'plain');
  }

  image(x: Tensor): Tensor {
    return x.shape.length === 4 ? this.toLayout(x, 'nchw') : x;
  }

  unify(a: Tensor, b: Tensor): [Tensor, Tensor] {
    if (a.layout === b.layout) return [a, b];
    return [this.image(a), this.image(b)];
  }

  convolve(
    x: Tensor,
    kernel: string,
    bias: string | undefined,
    window: Window,
    filters: number,
    options: ConvolutionOptions = {},
  ): Tensor {
    const inputs = [this.#nchw(x), toOihw(this.graph, kernel), ...(bias === undefined ? [] : [bias])];
    const y = this.graph.node('Conv', inputs, convolutionAttributes(window));
    return imageTensor(options.relu ? this.graph.node('Relu', [y]) : y, x, window.outputSize, filters);
  }

  convolveInputGradient(
    dy: Tensor,
    kernel: string,
    window: Window,
    inputShape: readonly number[],
    partial?: Tensor,
  ): Tensor {
    const channels = { outputs: channelsOf(dy), inputs: inputShape.at(-1)!, group: 1 };
    const dx = inputGradient(this.graph, this.#nchw(dy), toOihw(this.graph, kernel), window, channels);
    const name = partial ? this.graph.add(dx, this.#nchw(partial)) : dx;
    return { name, shape: inputShape, layout: 'nchw' };
  }

  convolveKernelGradient(x: Tensor, dy: Tensor, window: Window): string {
    return kernelGradient(this.graph, this.#nchw(x), this.#nchw(dy), window);
  }

  convolveDepthwise(
    x: Tensor,
    kernel: string,
    bias: string | undefined,
    window: Window,
    multiplier: number,
  ): Tensor {
    const channels = channelsOf(x);
    const filters = depthwiseToOihw(this.graph, kernel, window, channels * multiplier);
    const inputs = [this.#nchw(x), filters, ...(bias === undefined ? [] : [bias])];
    const y = this.graph.node('Conv', inputs, convolutionAttributes(window, channels));
    return imageTensor(y, x, window.outputSize, channels * multiplier);
  }

  convolveDepthwiseInputGradient(
    dy: Tensor,
    kernel: string,
    window: Window,
    inputShape: readonly number[],
  ): Tensor {
    const inputs = inputShape.at(-1)!;
    const channels = { outputs: channelsOf(dy), inputs, group: inputs };
    const filters = depthwiseToOihw(this.graph, kernel, window, channels.outputs);
    const name = inputGradient(this.graph, this.#nchw(dy), filters, window, channels);
    return { name, shape: inputShape, layout: 'nchw' };
  }

  convolveDepthwiseKernelGradient(x: Tensor, dy: Tensor, window: Window): string {
    const channels = channelsOf(x);
    const multiplier = channelsOf(dy) / channels;
    const [from, to] = [this.#nchw(x), this.#nchw(dy)];
    return depthwiseKernelGradient(this.graph, from, to, window, x.shape[0]!, channels, multiplier);
  }

  maxPool(x: Tensor, window: Window): Tensor {
    const y = this.graph.node('MaxPool', [this.#nchw(x)], poolAttributes(window));
    return imageTensor(y, x, window.outputSize, channelsOf(x));
  }

  maxPoolGradient(x: Tensor, y: Tensor, dy: Tensor, window: Window): Tensor {
    const [from, top, gradient] = [this.#nchw(x), this.#nchw(y), this.#nchw(dy)];
    const name = maxPoolGradient(this.graph, from, top, gradient, window, channelsOf(x));
    return { name, shape: x.shape, layout: 'nchw' };
  }

  averagePool(x: Tensor, window: Window): Tensor {
    const attributes = { ...poolAttributes(window), count_include_pad: 0 };
    const y = this.graph.node('AveragePool', [this.#nchw(x)], attributes);
    return imageTensor(y, x, window.outputSize, channelsOf(x));
  }

  averagePoolGradient(dy: Tensor, window: Window, inputShape: readonly number[]): Tensor {
    const name = averagePoolGradient(this.graph, this.#nchw(dy), window, channelsOf(dy));
    return { name, shape: inputShape, layout: 'nchw' };
  }

  imageMean(x: Tensor): Tensor {
    const name = this.graph.mean(this.#nchw(x), [2, 3]);
    return { name, shape: [x.shape[0]!, channelsOf(x)], layout: 'plain' };
  }

  spread(x: Tensor, shape: readonly number[]): Tensor {
    const [, height, width, channels] = shape as [number, number, number, number];
    const pixel = this.graph.reshape(x.name, [-1, channels, 1, 1]);
    const name = this.graph.node('Expand', [pixel, this.graph.integers([1, 1, height, width])]);
    return { name, shape, layout: 'nchw' };
  }

  channelMean(x: Tensor): string {
    const { name, layout, shape } = this.image(x);
    if (layout !== 'nchw') return this.graph.mean(name, axesBeforeLast(shape.length));
    // Each image's, then the batch's: over axes that are not the innermost, GPU providers transpose the whole tensor first.
    return this.graph.mean(this.graph.mean(name, [2, 3]), [0]);
  }

  channelMeanProduct(a: Tensor, b: Tensor): string {
    const [left, right] = this.unify(this.image(a), this.image(b));
    return this.channelMean({ ...left, name: this.graph.multiply(left.name, right.name) });
  }

  scaleChannels(x: Tensor, scale: string, shift?: string, addend?: Tensor): Tensor {
    const image = this.image(x);
    const perChannel = (vector: string) =>
      image.layout === 'nchw' ? this.graph.reshape(vector, [channelsOf(x), 1, 1]) : vector;
    let name = this.graph.multiply(image.name, perChannel(scale));
    if (shift !== undefined) name = this.graph.add(name, perChannel(shift));
    if (addend !== undefined) name = this.graph.add(name, this.unify(image, addend)[1].name);
    return { ...image, name };
  }

  maskPositive(dy: Tensor, y: Tensor): Tensor {
    const [gradient, output] = this.unify(dy, y);
    const positive = this.graph.node('Greater', [output.name, this.graph.scalar(0)]);
    const mask = this.graph.node('Cast', [positive], { to: 1 });
    return { ...gradient, name: this.graph.multiply(gradient.name, mask) };
  }

  protected toLayout(x: Tensor, layout: Layout): Tensor {
    if (x.layout === layout) return x;
    const [, height, width, channels] = x.shape as [number, number, number, number];
    const target = layout === 'plain' ? [-1, height, width, channels] : [-1, channels, height, width];
    // With one channel or one pixel both orders are the same memory.
    const name =
      channels === 1 || height * width === 1
        ? this.graph.reshape(x.name, target)
        : this.graph.transpose(x.name, layout === 'plain' ? [0, 2, 3, 1] : [0, 3, 1, 2]);
    return { name, shape: x.shape, layout };
  }

  #nchw(x: Tensor): string {
    return this.toLayout(x, 'nchw').name;
  }
}

function imageTensor(name: string, x: Tensor, size: readonly [number, number], channels: number): Tensor {
  return { name, shape: [x.shape[0]!, ...size, channels], layout: 'nchw' };
}

/** All axes but the channels'. */
function axesBeforeLast(rank: number): number[] {
  return Array.from({ length: rank - 1 }, (_, axis) => axis);
}
