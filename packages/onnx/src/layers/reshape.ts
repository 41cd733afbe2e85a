import type { LayerCompiler } from './layer-compiler.js';

/** Flatten and Reshape: the same numbers in tfjs's order under another shape. */
export const reshape: LayerCompiler = (node, [x], { lowering }) => {
  const { graph } = lowering;
  const input = lowering.plain(x!);
  const output = {
    name: graph.reshape(input.name, [-1, ...node.outputShape]),
    shape: [input.shape[0]!, ...node.outputShape],
    layout: 'plain',
  } as const;
  return {
    output,
    backward(gradient, sink) {
      if (!sink.wantsInput(0)) return;
      sink.input(0, () => ({
        ...input,
        name: graph.reshape(lowering.plain(gradient).name, [-1, ...node.inputShapes[0]!]),
      }));
    },
  };
};
