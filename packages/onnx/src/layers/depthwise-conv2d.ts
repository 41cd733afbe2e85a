import { depthwiseWindowOption } from '@mnist/engine';
import { channelsOf } from '../lowering/tensor.js';
import { channelSum } from './channel-sum.js';
import type { LayerCompiler } from './layer-compiler.js';

/** Each channel convolved with kernels of its own; the gradients are those of conv2d, channel by channel. */
export const depthwiseConv2d: LayerCompiler = (node, [x], { lowering, weight }) => {
  const [kernel, bias] = node.weights;
  const window = depthwiseWindowOption(node);
  const input = lowering.image(x!);
  const multiplier = node.outputShape[2]! / channelsOf(input);
  const output = lowering.convolveDepthwise(input, weight(kernel!), bias && weight(bias), window, multiplier);
  return {
    output,
    backward(gradient, sink) {
      const dy = lowering.image(gradient);
      if (bias && sink.wantsWeight(bias)) sink.weight(bias, channelSum(lowering, dy));
      if (sink.wantsInput(0)) {
        sink.input(0, () =>
          lowering.convolveDepthwiseInputGradient(dy, weight(kernel!), window, input.shape),
        );
      }
      if (sink.wantsWeight(kernel!)) {
        sink.weight(kernel!, lowering.convolveDepthwiseKernelGradient(input, dy, window));
      }
    },
  };
};
