import type { FullOptimizer, Hyperparameters } from '@mnist/engine';
import * as tf from '@tensorflow/tfjs-core';

/** The update of one parameter inside a tidy. */
export interface UpdateRule {
  /** @param step number of this update, from 1 */
  update(
    parameter: tf.Variable,
    gradient: tf.Tensor,
    slots: Readonly<Record<string, tf.Variable>>,
    hyper: Hyperparameters,
    step: number,
  ): void;
}

export function updateRule(optimizer: FullOptimizer): UpdateRule {
  return optimizer.kind === 'adam' ? adam(optimizer.beta2, optimizer.epsilon) : sgd(optimizer.nesterov);
}

/**
 * Kingma & Ba 2015 in PyTorch's arithmetic: epsilon is added to sqrt(v / (1 - beta2^t)).
 * `tf.train.adam` keeps its betas and learning rate for life, so it cannot follow a schedule of the momentum.
 */
function adam(beta2: number, epsilon: number): UpdateRule {
  return {
    update(parameter, gradient, { m, v }, { learningRate, momentum, weightDecay }, step) {
      m!.assign(tf.add(tf.mul(m!, momentum), tf.mul(gradient, 1 - momentum)));
      v!.assign(tf.add(tf.mul(v!, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      const rootV = tf.div(tf.sqrt(v!), Math.sqrt(1 - beta2 ** step));
      const change = tf.div(tf.mul(m!, learningRate / (1 - momentum ** step)), tf.add(rootV, epsilon));
      parameter.assign(tf.sub(decay(parameter, learningRate * weightDecay), change));
    },
  };
}

/** torch.optim.SGD: velocity = momentum * velocity + gradient. */
function sgd(nesterov: boolean): UpdateRule {
  return {
    update(parameter, gradient, { velocity }, { learningRate, momentum, weightDecay }) {
      velocity!.assign(tf.add(tf.mul(velocity!, momentum), gradient));
      const direction = nesterov ? tf.add(gradient, tf.mul(velocity!, momentum)) : velocity!;
      parameter.assign(tf.sub(decay(parameter, learningRate * weightDecay), tf.mul(direction, learningRate)));
    },
  };
}

function decay(parameter: tf.Tensor, share: number): tf.Tensor {
  return share === 0 ? parameter : tf.mul(parameter, 1 - share);
}
