import { requireChannelsLast, unsupportedLayer } from '@mnist/engine';
import type { LayerCompiler } from './layer-compiler.js';

/** Zeros around the image; the gradient is cut out again. */
export const zeroPadding2d: LayerCompiler = (node, [x], { lowering }) => {
  requireChannelsLast(node);
  const { graph } = lowering;
  const input = lowering.plain(x!);
  const [[top, bottom], [left, right]] = paddingOption();
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

  function paddingOption(): [[number, number], [number, number]] {
    const padding = node.config.padding as unknown;
    const sides = (value: unknown): unknown => (typeof value === 'number' ? [value, value] : value);
    const pairs = typeof padding === 'number' ? [padding, padding] : (padding as unknown[]);
    const resolved = Array.isArray(pairs) ? pairs.map(sides) : [];
    if (resolved.length === 2 && resolved.flat().length === 4 && resolved.flat().every(isCount)) {
      return resolved as [[number, number], [number, number]];
    }
    throw unsupportedLayer(
      node,
      `padding is ${JSON.stringify(padding)}`,
      'n, [rows, columns] or [[top, bottom], [left, right]]',
    );
  }
};

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
