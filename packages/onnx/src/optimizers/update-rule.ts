import type { FullOptimizer, Hyperparameters } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';

/** An optimiser: what it writes into the graph, and the scalars that it needs at each step. */
export interface UpdateRule {
  /** Names of its state vectors, as in `TrainingState.slots`. */
  readonly slots: readonly string[];
  /** Names of the scalar graph inputs. */
  readonly scalars: readonly string[];
  /** The scalars of step `step`, counted from 1. */
  scalarValues(hyper: Hyperparameters, step: number): number[];
  /** Writes the update of the flat parameter vector. */
  write(graph: GraphBuilder, values: UpdateInputs): { parameters: string; slots: string[] };
}

interface UpdateInputs {
  readonly parameters: string;
  readonly gradient: string;
  readonly slots: readonly string[];
  readonly scalars: readonly string[];
}

/** 1 - learningRate * weightDecay: decoupled weight decay (Loshchilov and Hutter, 2019). */
const kept = ({ learningRate, weightDecay }: Hyperparameters): number => 1 - learningRate * weightDecay;

/**
 * Adam (Kingma and Ba, 2015), as PyTorch computes it:
 * p <- p (1 - rate decay) - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon), where numerator and
 * denominator of the last term are multiplied by sqrt(1 - beta2^t) to save a pass over the parameters.
 */
function adam(beta2: number, epsilon: number): UpdateRule {
  return {
    slots: ['m', 'v'],
    scalars: ['kept', 'beta1', 'oneMinusBeta1', 'stepSize', 'epsilon'],
    scalarValues(hyper, step) {
      const { learningRate, momentum } = hyper;
      const deviationScale = Math.sqrt(1 - beta2 ** step);
      const stepSize = (learningRate * deviationScale) / (1 - momentum ** step);
      return [kept(hyper), momentum, 1 - momentum, stepSize, epsilon * deviationScale];
    },
    write(graph, { parameters, gradient, slots: [m, v], scalars }) {
      const [keep, beta1, oneMinusBeta1, stepSize, scaledEpsilon] = scalars as string[];
      const squared = graph.multiply(graph.multiply(gradient, gradient), graph.scalar(1 - beta2));
      const nextM = graph.add(graph.multiply(m!, beta1!), graph.multiply(gradient, oneMinusBeta1!));
      const nextV = graph.add(graph.multiply(v!, graph.scalar(beta2)), squared);
      const direction = graph.divide(nextM, graph.add(graph.node('Sqrt', [nextV]), scaledEpsilon!));
      const next = graph.subtract(graph.multiply(parameters, keep!), graph.multiply(direction, stepSize!));
      return { parameters: next, slots: [nextM, nextV] };
    },
  };
}

/** SGD with momentum as PyTorch computes it: u <- momentum u + g; p <- p - rate u, Nesterov: p - rate (g + momentum u). */
function sgd(nesterov: boolean): UpdateRule {
  return {
    slots: ['velocity'],
    scalars: ['kept', 'momentum', 'learningRate'],
    scalarValues: (hyper) => [kept(hyper), hyper.momentum, hyper.learningRate],
    write(graph, { parameters, gradient, slots: [velocity], scalars }) {
      const [keep, momentum, learningRate] = scalars as string[];
      const next = graph.add(graph.multiply(velocity!, momentum!), gradient);
      const direction = nesterov ? graph.add(gradient, graph.multiply(next, momentum!)) : next;
      const moved = graph.multiply(direction, learningRate!);
      return {
        parameters: graph.subtract(graph.multiply(parameters, keep!), moved),
        slots: [next],
      };
    },
  };
}

export function updateRule(optimizer: FullOptimizer): UpdateRule {
  return optimizer.kind === 'sgd' ? sgd(optimizer.nesterov) : adam(optimizer.beta2, optimizer.epsilon);
}
