import { type NetworkWeight, windowOption } from '@mnist/engine';
import type { Lowering } from '../lowering/lowering.js';
import type { NetworkNode } from '../network/network.js';
import { channelSum } from './channel-sum.js';
import { evaluationAffine } from './evaluation-affine.js';
import type { LayerCompiler } from './layer-compiler.js';

/**
 * y = x * kernel + bias, then ReLU where fused.
 * dx = dy * turned kernel; dkernel[o,i,a,b] = sum of dy[o,p] x[i,p + (a,b)]; dbias = sum of dy over batch and image.
 */
export const conv2d: LayerCompiler = (node, [x], { lowering, weight }) => {
  const [kernelWeight, biasWeight] = node.weights;
  const window = windowOption(node, 'kernelSize');
  const input = lowering.image(x!);
  const { kernel, bias } = effectiveWeights(node, lowering, weight);
  const output = lowering.convolve(input, kernel, bias, window, node.outputShape[2]!, {
    relu: node.fusedRelu ?? false,
  });
  return {
    output,
    backward(gradient, sink) {
      const masks = node.fusedRelu && !node.reluMaskedByPooling;
      const dy = masks ? lowering.maskPositive(gradient, output) : lowering.image(gradient);
      if (biasWeight && sink.wantsWeight(biasWeight)) sink.weight(biasWeight, channelSum(lowering, dy));
      if (sink.wantsInput(0)) {
        sink.input(
          0,
          (partial) => lowering.convolveInputGradient(dy, kernel, window, input.shape, partial),
          true,
        );
      }
      if (sink.wantsWeight(kernelWeight!)) {
        sink.weight(kernelWeight!, lowering.convolveKernelGradient(input, dy, window));
      }
    },
  };
};

/** The layer's own kernel and bias, or with a folded normalisation kernel scale and bias scale + shift. */
function effectiveWeights(
  node: NetworkNode,
  { graph }: Lowering,
  weight: (weight: NetworkWeight) => string,
): { readonly kernel: string; readonly bias?: string } {
  const [kernelWeight, biasWeight] = node.weights;
  const kernel = weight(kernelWeight!);
  const bias = biasWeight && weight(biasWeight);
  if (node.foldedNormalization === undefined) return { kernel, bias };
  const { scale, shift } = evaluationAffine(graph, node.foldedNormalization, weight);
  return {
    kernel: graph.multiply(kernel, scale),
    bias: bias === undefined ? shift : graph.add(graph.multiply(bias, scale), shift),
  };
}
