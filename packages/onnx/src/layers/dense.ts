import { requireVectors } from '@mnist/engine';
import type { LayerCompiler } from './layer-compiler.js';

/** y = x W + b, x [batch, in]. dx = dy W^T, dW = x^T dy, db = column sums of dy. */
export const dense: LayerCompiler = (node, [x], { lowering, weight }) => {
  const { graph } = lowering;
  requireVectors(node);
  const [kernel, bias] = node.weights;
  const input = lowering.plain(x!);
  const name = graph.node('Gemm', [input.name, weight(kernel!), ...(bias ? [weight(bias)] : [])]);
  const output = { name, shape: [input.shape[0]!, ...node.outputShape], layout: 'plain' } as const;
  return {
    output,
    backward(gradient, sink) {
      const dy = lowering.plain(gradient).name;
      if (bias && sink.wantsWeight(bias)) sink.weight(bias, graph.sum(dy, [0]));
      if (sink.wantsWeight(kernel!)) {
        sink.weight(kernel!, graph.node('Gemm', [input.name, dy], { transA: 1 }));
      }
      if (sink.wantsInput(0)) {
        sink.input(0, () => ({ ...input, name: graph.node('Gemm', [dy, weight(kernel!)], { transB: 1 }) }));
      }
    },
  };
};
