import type { Hyperparameters, Loss, Optimizer } from '../engine.js';
import type { NetSpec } from './_net-spec.js';
import { type ReferenceWeights, referenceForward } from './_reference-net.js';

/** Mean loss of a batch in training mode, in float64. */
export function referenceLoss(
  net: NetSpec,
  weights: ReferenceWeights,
  images: ArrayLike<number>,
  labels: ArrayLike<number>,
  loss: Loss = { kind: 'softmaxCrossEntropy' },
): number {
  const { logits, classes } = referenceForward(net, weights, images, true);
  let total = 0;
  for (let n = 0; n < labels.length; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    if (loss.kind === 'meanSquaredError') {
      for (let k = 0; k < classes; k++) total += (row[k]! - Number(k === labels[n])) ** 2 / classes;
      continue;
    }
    const smoothing = loss.labelSmoothing ?? 0;
    const largest = Math.max(...row);
    const logSum = largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    for (let k = 0; k < classes; k++) {
      const target = smoothing / classes + (k === labels[n] ? 1 - smoothing : 0);
      total -= target * (row[k]! - logSum);
    }
  }
  return total / labels.length;
}

/** Central differences in float64: good to about 1e-9 away from the kinks of ReLU and max pooling. */
export function referenceGradients(
  net: NetSpec,
  weights: ReferenceWeights,
  images: ArrayLike<number>,
  labels: ArrayLike<number>,
  loss?: Loss,
): Float64Array[] {
  const width = 1e-6;
  return weights.parameters.map((values, at) =>
    values.map((value, i) => {
      const moved = (by: number) => {
        const parameter = values.slice();
        parameter[i] = value + by;
        const parameters = weights.parameters.map((other, k) => (k === at ? parameter : other));
        return referenceLoss(net, { ...weights, parameters }, images, labels, loss);
      };
      return (moved(width) - moved(-width)) / (2 * width);
    }),
  );
}

export interface ReferenceState extends ReferenceWeights {
  readonly step: number;
  readonly slots: Readonly<Record<string, readonly Float64Array[]>>;
}

/** One whole training step: gradients, update (Kingma & Ba 2015 as in torch.optim.Adam; torch.optim.SGD), statistics. */
export function referenceStep(
  net: NetSpec,
  state: ReferenceState,
  images: ArrayLike<number>,
  labels: ArrayLike<number>,
  hyper: Hyperparameters,
  options: { readonly loss?: Loss; readonly optimizer?: Optimizer } = {},
): ReferenceState {
  const gradients = referenceGradients(net, state, images, labels, options.loss);
  const optimizer = options.optimizer ?? { kind: 'adam' };
  const { learningRate, momentum, weightDecay } = hyper;
  const step = state.step + 1;
  const shrink = 1 - learningRate * weightDecay;
  const zeros = state.parameters.map((values) => new Float64Array(values.length));
  const slots: Record<string, Float64Array[]> = {};
  let parameters: Float64Array[];
  if (optimizer.kind === 'adam') {
    const beta2 = optimizer.beta2 ?? 0.99;
    const epsilon = optimizer.epsilon ?? 1e-8;
    slots.m = (state.slots.m ?? zeros).map((m, at) =>
      m.map((value, i) => momentum * value + (1 - momentum) * gradients[at]![i]!),
    );
    slots.v = (state.slots.v ?? zeros).map((v, at) =>
      v.map((value, i) => beta2 * value + (1 - beta2) * gradients[at]![i]! ** 2),
    );
    parameters = state.parameters.map((values, at) =>
      values.map((value, i) => {
        const mHat = slots.m![at]![i]! / (1 - momentum ** step);
        const vHat = slots.v![at]![i]! / (1 - beta2 ** step);
        return value * shrink - (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
      }),
    );
  } else {
    slots.velocity = (state.slots.velocity ?? zeros).map((velocity, at) =>
      velocity.map((value, i) => momentum * value + gradients[at]![i]!),
    );
    parameters = state.parameters.map((values, at) =>
      values.map((value, i) => {
        const velocity = slots.velocity![at]![i]!;
        const direction = optimizer.nesterov ? gradients[at]![i]! + momentum * velocity : velocity;
        return value * shrink - learningRate * direction;
      }),
    );
  }
  const { statistics } = referenceForward(net, state, images, true);
  return { step, parameters, slots, statistics };
}
