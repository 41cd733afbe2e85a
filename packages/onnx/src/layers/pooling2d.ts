import { windowOption } from '@mnist/engine';
import type { LayerCompiler } from './layer-compiler.js';

/** The gradient goes to the maximum of each window, to the first one where several are equal. */
export const maxPooling2d: LayerCompiler = (node, [x], { lowering }) => {
  const window = windowOption(node, 'poolSize');
  const input = lowering.image(x!);
  const output = lowering.maxPool(input, window);
  return {
    output,
    backward(gradient, sink) {
      if (!sink.wantsInput(0)) return;
      const dy = node.reluMaskedByPooling ? lowering.maskPositive(gradient, output) : gradient;
      sink.input(0, () => lowering.maxPoolGradient(input, output, dy, window));
    },
  };
};

/** The gradient is shared equally by the pixels of each window that lie inside the image. */
export const averagePooling2d: LayerCompiler = (node, [x], { lowering }) => {
  const window = windowOption(node, 'poolSize');
  const input = lowering.image(x!);
  const output = lowering.averagePool(input, window);
  return {
    output,
    backward(gradient, sink) {
      if (sink.wantsInput(0)) {
        sink.input(0, () => lowering.averagePoolGradient(gradient, window, input.shape));
      }
    },
  };
};
