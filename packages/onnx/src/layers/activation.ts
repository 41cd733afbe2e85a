import { type ActivationFunction, activationOption } from '@mnist/engine';
import { float } from '../graph/attribute.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { Lowering } from '../lowering/lowering.js';
import type { Tensor } from '../lowering/tensor.js';
import type { CompiledLayer, LayerCompiler } from './layer-compiler.js';

/** Names of one elementwise function's values: input and output of the forward pass, gradient of the output. */
interface Elementwise {
  forward(graph: GraphBuilder, x: string): string;
  /** The derivative times `dy`. */
  gradient(graph: GraphBuilder, dy: string, x: string, y: string): string;
}

/** 1 where `condition` holds, else 0. */
function indicator(graph: GraphBuilder, operator: 'Greater' | 'Less', a: string, b: number): string {
  return graph.node('Cast', [graph.node(operator, [a, graph.scalar(b)])], { to: 1 });
}

/** min(max(x, 0), limit); the derivative at both bounds is 0, as in PyTorch. */
const clippedRelu = (limit: number): Elementwise => ({
  forward: (graph, x) => graph.node('Clip', [x, graph.scalar(0), graph.scalar(limit)]),
  gradient: (graph, dy, x) =>
    graph.multiply(dy, graph.multiply(indicator(graph, 'Greater', x, 0), indicator(graph, 'Less', x, limit))),
});

/** x where x > 0, else alpha x. */
const leakyRelu = (alpha: number): Elementwise => ({
  forward: (graph, x) => graph.node('LeakyRelu', [x], { alpha: float(alpha) }),
  gradient: (graph, dy, x) => {
    const slope = graph.add(
      graph.multiply(indicator(graph, 'Greater', x, 0), graph.scalar(1 - alpha)),
      graph.scalar(alpha),
    );
    return graph.multiply(dy, slope);
  },
});

/** x where x > 0, else alpha (e^x - 1); the derivative below zero is y + alpha. */
const elu = (alpha: number): Elementwise => ({
  forward: (graph, x) => graph.node('Elu', [x], { alpha: float(alpha) }),
  gradient: (graph, dy, x, y) => {
    const below = graph.add(graph.node('Min', [y, graph.scalar(0)]), graph.scalar(alpha));
    const positive = graph.node('Greater', [x, graph.scalar(0)]);
    return graph.multiply(dy, graph.node('Where', [positive, graph.scalar(1), below]));
  },
});

const sigmoid: Elementwise = {
  forward: (graph, x) => graph.node('Sigmoid', [x]),
  gradient: (graph, dy, _x, y) => graph.multiply(dy, graph.multiply(y, graph.subtract(graph.scalar(1), y))),
};

const tanh: Elementwise = {
  forward: (graph, x) => graph.node('Tanh', [x]),
  gradient: (graph, dy, _x, y) => graph.multiply(dy, graph.subtract(graph.scalar(1), graph.multiply(y, y))),
};

/** The normal distribution function at x: (1 + erf(x / sqrt 2)) / 2. */
function normalDistribution(graph: GraphBuilder, x: string): string {
  const erf = graph.node('Erf', [graph.multiply(x, graph.scalar(Math.SQRT1_2))]);
  return graph.multiply(graph.add(erf, graph.scalar(1)), graph.scalar(0.5));
}

/** x Phi(x) (Hendrycks and Gimpel, 2016), exact; the derivative is Phi(x) + x phi(x). */
const gelu: Elementwise = {
  forward: (graph, x) => graph.multiply(x, normalDistribution(graph, x)),
  gradient: (graph, dy, x) => {
    const exponent = graph.multiply(graph.multiply(x, x), graph.scalar(-0.5));
    const density = graph.multiply(graph.node('Exp', [exponent]), graph.scalar(1 / Math.sqrt(2 * Math.PI)));
    return graph.multiply(dy, graph.add(normalDistribution(graph, x), graph.multiply(x, density)));
  },
};

/** Activation, and the layers ReLU, LeakyReLU, ELU and Softmax. */
export const activation: LayerCompiler = (node, [x], { lowering }) => {
  const fn = activationOption(node);
  if (fn.name === 'linear') return linear(x!);
  if (fn.name === 'relu') return relu(lowering, x!);
  if (fn.name === 'softmax') return softmax(lowering, x!);
  return elementwise(lowering, x!, elementwiseOf(fn));
};

function elementwiseOf(
  fn: Exclude<ActivationFunction, { name: 'linear' | 'relu' | 'softmax' }>,
): Elementwise {
  switch (fn.name) {
    case 'clippedRelu':
      return clippedRelu(fn.limit);
    case 'leakyRelu':
      return leakyRelu(fn.alpha);
    case 'elu':
      return elu(fn.alpha);
    case 'sigmoid':
      return sigmoid;
    case 'tanh':
      return tanh;
    case 'gelu':
      return gelu;
  }
}

function linear(x: Tensor): CompiledLayer {
  return {
    output: x,
    backward(gradient, sink) {
      if (sink.wantsInput(0)) sink.input(0, () => gradient);
    },
  };
}

/** max(0, x); the derivative at 0 is 0. */
function relu(lowering: Lowering, x: Tensor): CompiledLayer {
  const output = { ...x, name: lowering.graph.node('Relu', [x.name]) };
  return {
    output,
    backward(gradient, sink) {
      if (sink.wantsInput(0)) sink.input(0, () => lowering.maskPositive(gradient, output));
    },
  };
}

function elementwise(lowering: Lowering, x: Tensor, { forward, gradient }: Elementwise): CompiledLayer {
  const { graph } = lowering;
  const output = { ...x, name: forward(graph, x.name) };
  return {
    output,
    backward(dy, sink) {
      if (!sink.wantsInput(0)) return;
      sink.input(0, () => {
        const [aligned, input] = lowering.unify(dy, x);
        const result = lowering.unify(output, aligned)[0];
        return { ...aligned, name: gradient(graph, aligned.name, input.name, result.name) };
      });
    },
  };
}

/** Softmax over the channels: dx = y (dy - sum of dy y). */
function softmax(lowering: Lowering, x: Tensor): CompiledLayer {
  const { graph } = lowering;
  const input = lowering.plain(x);
  const output = { ...input, name: graph.node('Softmax', [input.name], { axis: -1 }) };
  return {
    output,
    backward(gradient, sink) {
      if (!sink.wantsInput(0)) return;
      sink.input(0, () => {
        const dy = lowering.plain(gradient).name;
        const inner = graph.sum(graph.multiply(dy, output.name), [-1], true);
        return { ...input, name: graph.multiply(output.name, graph.subtract(dy, inner)) };
      });
    },
  };
}
