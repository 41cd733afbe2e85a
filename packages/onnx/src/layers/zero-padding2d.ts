import { paddingOption } from '@mnist/engine';
import type { LayerCompiler } from './layer-compiler.js';

/** Zeros around the image; the gradient is cut out again. */
export const zeroPadding2d: LayerCompiler = (node, [x], { lowering }) => {
  const { graph } = lowering;
  const input = lowering.plain(x!);
  const [[top, bottom], [left, right]] = paddingOption(node);
  const amounts = graph.integers([0, top, left, 0, 0, bottom, right, 0]);
  const [, height, width] = input.shape as [number, number, number, number];
  return {
    output: {
      name: graph.node('Pad', [input.name, amounts]),
      shape: [input.shape[0]!, ...node.outputShape],
      layout: 'plain',
    },
    backward(gradient, sink) {
      if (!sink.wantsInput(0)) return;
      const dy = lowering.plain(gradient).name;
      sink.input(0, () => ({
        ...input,
        name: graph.slice(dy, [1, 2], [top, left], [top + height, left + width]),
      }));
    },
  };
};
