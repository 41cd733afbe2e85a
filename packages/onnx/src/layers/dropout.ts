import { dropoutRate } from '@mnist/engine';
import type { LayerCompiler } from './layer-compiler.js';
import { combine } from './merge.js';

/**
 * Inverted dropout (Srivastava et al., 2014): kept values are divided by (1 - rate); nothing happens at inference.
 * The masks are graph inputs that the engine draws from (seed, step, layer), so that a resumed training sees the same.
 */
export const dropout: LayerCompiler = (node, [x], { lowering, training, dropoutMask }) => {
  const rate = dropoutRate(node);
  if (!training || rate === 0) {
    return {
      output: x!,
      backward(gradient, sink) {
        if (sink.wantsInput(0)) sink.input(0, () => gradient);
      },
    };
  }
  const mask = lowering.image(dropoutMask(node.layer, rate, x!.shape));
  return {
    output: combine(lowering, 'Mul', x!, mask),
    backward(gradient, sink) {
      if (sink.wantsInput(0)) sink.input(0, () => combine(lowering, 'Mul', gradient, mask));
    },
  };
};
