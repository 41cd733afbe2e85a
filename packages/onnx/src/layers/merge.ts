import { concatenationAxis, requireEqualShapes } from '@mnist/engine';
import type { Lowering } from '../lowering/lowering.js';
import type { Tensor } from '../lowering/tensor.js';
import type { LayerCompiler } from './layer-compiler.js';

/** Sum of all inputs; each receives the whole gradient. */
export const add: LayerCompiler = (node, inputs, { lowering }) => {
  requireEqualShapes(node);
  return {
    output: inputs.reduce((sum, x) => combine(lowering, 'Add', sum, x)),
    backward(gradient, sink) {
      for (const index of inputs.keys()) {
        if (sink.wantsInput(index)) sink.input(index, () => gradient);
      }
    },
  };
};

/** Product of all inputs; each receives the gradient times the product of the others. */
export const multiply: LayerCompiler = (node, inputs, { lowering }) => {
  requireEqualShapes(node);
  return {
    output: inputs.reduce((product, x) => combine(lowering, 'Mul', product, x)),
    backward(gradient, sink) {
      for (const index of inputs.keys()) {
        if (!sink.wantsInput(index)) continue;
        const others = inputs.filter((_, other) => other !== index);
        sink.input(index, () =>
          others.reduce((product, x) => combine(lowering, 'Mul', product, x), gradient),
        );
      }
    },
  };
};

/** Inputs side by side along one axis; the gradient is cut into the same pieces. */
export const concatenate: LayerCompiler = (node, inputs, { lowering }) => {
  const { graph } = lowering;
  const axis = concatenationAxis(node);
  const pieces = inputs.map((x) => lowering.plain(x));
  const name = graph.concatenate(
    pieces.map((piece) => piece.name),
    axis,
  );
  return {
    output: { name, shape: [inputs[0]!.shape[0]!, ...node.outputShape], layout: 'plain' },
    backward(gradient, sink) {
      const whole = lowering.plain(gradient).name;
      let start = 0;
      for (const [index, piece] of pieces.entries()) {
        const from = start;
        start += piece.shape[axis]!;
        const to = start;
        if (!sink.wantsInput(index)) continue;
        sink.input(index, () => ({ ...piece, name: graph.slice(whole, [axis], [from], [to]) }));
      }
    },
  };
};

export function combine(lowering: Lowering, operator: 'Add' | 'Mul', a: Tensor, b: Tensor): Tensor {
  const [left, right] = lowering.unify(a, b);
  return { ...left, name: lowering.graph.node(operator, [left.name, right.name]) };
}
