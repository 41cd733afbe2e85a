import { channelSum } from './channel-sum.js';
import type { LayerCompiler } from './layer-compiler.js';
import { windowOption } from './layer-config.js';

/**
 * y = x * kernel + bias, then ReLU where fused.
 * dx = dy * turned kernel; dkernel[o,i,a,b] = sum of dy[o,p] x[i,p + (a,b)]; dbias = sum of dy over batch and image.
 */
export const conv2d: LayerCompiler = (node, [x], { lowering, weight }) => {
  const [kernel, bias] = node.weights;
  const window = windowOption(node, 'kernelSize');
  const input = lowering.image(x!);
  const filters = node.outputShape[2]!;
  const output = lowering.convolve(input, weight(kernel!), bias && weight(bias), window, filters, {
    relu: node.fusedRelu ?? false,
  });
  return {
    output,
    backward(gradient, sink) {
      const dy = node.fusedRelu ? lowering.maskPositive(gradient, output) : lowering.image(gradient);
      if (bias && sink.wantsWeight(bias)) sink.weight(bias, channelSum(lowering, dy));
      if (sink.wantsInput(0)) {
        sink.input(
          0,
          (partial) => lowering.convolveInputGradient(dy, weight(kernel!), window, input.shape, partial),
          true,
        );
      }
      if (sink.wantsWeight(kernel!)) sink.weight(kernel!, lowering.convolveKernelGradient(input, dy, window));
    },
  };
};
