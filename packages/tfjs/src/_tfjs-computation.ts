import {
  type Computation,
  EngineError,
  type Hyperparameters,
  type SessionPlan,
  type TrainingValues,
} from '@mnist/engine';
import { deriveSeed } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FlatParameters } from './_flat-parameters.js';
import { readModel, type TrainableParts } from './_read-model.js';

/** Trains a copy of the model that it owns. */
export class TfjsComputation implements Computation {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly #parts: TrainableParts;
  readonly #parameters: readonly tf.Variable[];
  readonly #statistics: readonly tf.Variable[];
  readonly #flat: FlatParameters;
  /** Numbers that every step needs, as tensors that are made once. */
  readonly #scalars = new Map<number, tf.Scalar>();

  /** @param copy a clone of the plan's model, owned by this computation */
  constructor(
    private readonly plan: SessionPlan,
    private readonly copy: LayersModel,
    private readonly backend: string,
  ) {
    const { batchSize, imageShape, classes, model, slots } = plan;
    this.images = new Float32Array(imageShape.reduce((product, length) => product * length, batchSize));
    this.targets = new Float32Array(batchSize * classes);
    this.#parts = readModel(copy);
    this.#parameters = ownVariables(model.trainableWeights, copy);
    this.#statistics = ownVariables(model.nonTrainableWeights, copy);
    this.#flat = new FlatParameters(this.#parameters, plan.optimizer, slots);
  }

  async step(count: number, hyper: Hyperparameters, step: number): Promise<number> {
    this.#activate();
    const { seed, classes } = this.plan;
    const { dropouts, normalizations } = this.#parts;
    // tfjs treats seed 0 as 'no seed'.
    for (const [i, layer] of dropouts.entries()) layer.seed = deriveSeed(seed, 'dropout', step, i) + 1;
    const loss = tf.tidy(() => {
      const images = this.#imageTensor(this.images, 0, count);
      const targets = tf.tensor2d(this.targets.slice(0, count * classes), [count, classes]);
      const variances = normalizations.map(({ layer }) => layer.movingVariance.read().clone());
      const { value, grads } = tf.variableGrads(
        () => this.#meanLoss(this.copy.apply(images, { training: true }) as tf.Tensor2D, targets),
        [...this.#parameters],
      );
      this.#moveVariancesUnbiased(variances, count);
      this.#flat.update(grads, hyper, step);
      return value;
    });
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  }

  async predict(
    images: Float32Array,
    count: number,
    onProgress?: (done: number) => void,
  ): Promise<Float32Array> {
    const { batchSize, classes } = this.plan;
    const logits = new Float32Array(count * classes);
    for (let start = 0; start < count; start += batchSize) {
      this.#activate();
      const size = Math.min(batchSize, count - start);
      const output = tf.tidy(
        () => this.copy.apply(this.#imageTensor(images, start, size), { training: false }) as tf.Tensor,
      );
      logits.set((await output.data()) as Float32Array, start * classes);
      output.dispose();
      onProgress?.(start + size);
    }
    return logits;
  }

  async read(): Promise<TrainingValues> {
    const statistics = await Promise.all(
      this.#statistics.map(async (variable) => Float32Array.from(await variable.data())),
    );
    return { ...(await this.#flat.read()), statistics };
  }

  async write({ parameters, slots, statistics }: TrainingValues): Promise<void> {
    this.#activate();
    this.#flat.write(parameters, slots);
    tf.tidy(() => {
      for (const [i, variable] of this.#statistics.entries()) {
        variable.assign(tf.tensor(statistics[i]!.slice(), variable.shape));
      }
    });
  }

  async dispose(): Promise<void> {
    this.copy.dispose();
    this.#flat.dispose();
    for (const scalar of this.#scalars.values()) scalar.dispose();
  }

  /** The backend is global in TensorFlow.js; whoever shares the process may have switched it meanwhile. */
  #activate(): void {
    if (tf.getBackend() !== this.backend) tf.setBackend(this.backend);
  }

  /** A copy: the cpu backend keeps the array it is given. */
  #imageTensor(images: Float32Array, start: number, count: number): tf.Tensor {
    const { imageShape } = this.plan;
    const size = imageShape.reduce((product, length) => product * length, 1);
    return tf.tensor(images.slice(start * size, (start + count) * size), [count, ...imageShape]);
  }

  #meanLoss(output: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
    if (this.plan.loss.kind === 'meanSquaredError') {
      return tf.mean(tf.squaredDifference(output, targets)) as tf.Scalar;
    }
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(output)), 1))) as tf.Scalar;
  }

  /**
   * tfjs-layers moves the running variance towards the biased batch variance, PyTorch towards the unbiased one.
   * With moved = d * old + (1 - d) * biased, the unbiased target is d * old + (1 - d) * biased * n / (n - 1), which is
   * r * moved + (1 - r) * d * old for r = n / (n - 1).
   */
  #moveVariancesUnbiased(before: readonly tf.Tensor[], images: number): void {
    for (const [i, { layer, valuesPerImage }] of this.#parts.normalizations.entries()) {
      const variance = layer.movingVariance.read() as tf.Variable;
      const count = images * valuesPerImage;
      const ratio = count / (count - 1);
      const old = tf.mul(before[i]!, this.#scalar((1 - ratio) * layer.momentum));
      variance.assign(tf.add(tf.mul(variance, this.#scalar(ratio)), old));
    }
  }

  #scalar(value: number): tf.Scalar {
    let scalar = this.#scalars.get(value);
    if (!scalar) {
      scalar = tf.keep(tf.scalar(value));
      this.#scalars.set(value, scalar);
    }
    return scalar;
  }
}

/** The copy's variables, by name: a deserialised copy need not list its layers in the original's order. */
function ownVariables(originals: LayersModel['weights'], copy: LayersModel): tf.Variable[] {
  const byName = new Map(copy.weights.map((weight) => [weight.originalName, weight]));
  if (byName.size !== copy.weights.length) {
    throw new EngineError(
      'UNSUPPORTED_MODEL',
      'two weights of the model have the same name. Give the layers distinct names.',
    );
  }
  return originals.map(({ originalName }) => {
    const weight = byName.get(originalName);
    if (weight) return weight.read() as tf.Variable;
    throw new EngineError(
      'UNSUPPORTED_MODEL',
      `the weight '${originalName}' is not part of the model's own configuration, so the model cannot be copied.`,
    );
  });
}
