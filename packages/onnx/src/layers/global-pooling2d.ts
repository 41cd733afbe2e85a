import { requireChannelsLast, resolveWindow } from '@mnist/engine';
import type { LayerCompiler } from './layer-compiler.js';

/** Mean over height and width; the gradient is spread evenly. */
export const globalAveragePooling2d: LayerCompiler = (node, [x], { lowering }) => {
  requireChannelsLast(node);
  const input = lowering.image(x!);
  const [, height, width] = input.shape as [number, number, number, number];
  return {
    output: lowering.imageMean(input),
    backward(gradient, sink) {
      if (!sink.wantsInput(0)) return;
      const { graph } = lowering;
      sink.input(0, () => {
        const share = graph.multiply(lowering.plain(gradient).name, graph.scalar(1 / (height * width)));
        return lowering.spread({ ...gradient, name: share, layout: 'plain' }, input.shape);
      });
    },
  };
};

/** Max pooling whose window is the whole image. */
export const globalMaxPooling2d: LayerCompiler = (node, [x], { lowering }) => {
  requireChannelsLast(node);
  const { graph } = lowering;
  const input = lowering.image(x!);
  const [batch, height, width, channels] = input.shape as [number, number, number, number];
  const size: [number, number] = [height, width];
  const window = resolveWindow({ kernel: size, strides: size, padding: 'valid' }, size);
  const pooled = lowering.maxPool(input, window);
  const vector = { shape: [batch, channels], layout: 'plain' } as const;
  return {
    output: { ...vector, name: graph.reshape(lowering.plain(pooled).name, [-1, channels]) },
    backward(gradient, sink) {
      if (!sink.wantsInput(0)) return;
      sink.input(0, () => {
        const name = graph.reshape(lowering.plain(gradient).name, [-1, 1, 1, channels]);
        const dy = { name, shape: pooled.shape, layout: 'plain' } as const;
        return lowering.maxPoolGradient(input, pooled, lowering.image(dy), window);
      });
    },
  };
};
