import type { FullLoss } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';

/** The mean loss of a batch (a scalar) and its gradient with respect to the network's output. */
export interface Objective {
  readonly loss: string;
  readonly gradient: string;
}

/**
 * Writes a loss on outputs and targets [batch, classes].
 *
 * - softmaxCrossEntropy: -mean over the batch of sum(target log softmax(output)); gradient (softmax - target) / batch
 * - meanSquaredError: mean over batch and classes of (output - target)^2; gradient 2 (output - target) / (batch classes)
 */
export function writeObjective(
  graph: GraphBuilder,
  loss: FullLoss,
  output: string,
  targets: string,
  [batch, classes]: readonly [number, number],
): Objective {
  graph.label = 'loss';
  if (loss.kind === 'meanSquaredError') return meanSquaredError(graph, output, targets, batch * classes);
  return softmaxCrossEntropy(graph, output, targets, batch);
}

/** The targets are probabilities that sum to 1. The maximum is taken off first, so that no exponential overflows. */
function softmaxCrossEntropy(graph: GraphBuilder, logits: string, targets: string, batch: number): Objective {
  const top = graph.node('ReduceMax', [logits], { axes: [1], keepdims: 1 });
  const shifted = graph.subtract(logits, top);
  const exponentials = graph.node('Exp', [shifted]);
  const total = graph.sum(exponentials, [1], true);
  const logProbabilities = graph.subtract(shifted, graph.node('Log', [total]));
  const sum = graph.sum(graph.multiply(logProbabilities, targets), [0, 1]);
  const probabilities = graph.divide(exponentials, total);
  return {
    loss: graph.multiply(sum, graph.scalar(-1 / batch)),
    gradient: graph.multiply(graph.subtract(probabilities, targets), graph.scalar(1 / batch)),
  };
}

function meanSquaredError(graph: GraphBuilder, output: string, targets: string, count: number): Objective {
  const difference = graph.subtract(output, targets);
  const sum = graph.sum(graph.multiply(difference, difference), [0, 1]);
  return {
    loss: graph.multiply(sum, graph.scalar(1 / count)),
    gradient: graph.multiply(difference, graph.scalar(2 / count)),
  };
}
