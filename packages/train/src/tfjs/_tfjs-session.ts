import type { Batch } from '@mnist/dataset';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray, { type NdArray } from 'ndarray';
import { checkState } from '../_check-state.js';
import { contiguousData } from '../_contiguous.js';
import { mixSeed } from '../_seeded-random.js';
import type {
  Hyperparameters,
  Logits,
  Loss,
  NamedTensor,
  StepOptions,
  TrainingSession,
  TrainingState,
} from '../engine.js';
import { TrainError } from '../train-error.js';
import { checkBatch, checkHyperparameters, checkImages } from './_check-input.js';
import { type ModelPlan, planModel } from './_check-model.js';
import { type UpdateRule, updateRule } from './_update-rules.js';

/** A variable of the private copy beside the weight of the user's model that it came from. */
interface Pair {
  readonly name: string;
  readonly own: tf.Variable;
  readonly original: LayersModel['weights'][number];
}

export class TfjsSession implements TrainingSession {
  readonly #copy: LayersModel;
  readonly #backend: string;
  readonly #options: StepOptions;
  readonly #loss: Loss;
  readonly #rule: UpdateRule;
  readonly #plan: ModelPlan;
  readonly #parameters: readonly Pair[];
  readonly #statistics: readonly Pair[];
  readonly #slots: Readonly<Record<string, readonly tf.Variable[]>>;
  #step = 0;
  #disposed = false;

  /** @param copy a clone of `model` with the same weights, owned by this session */
  constructor(model: LayersModel, copy: LayersModel, backend: string, options: StepOptions) {
    this.#copy = copy;
    this.#backend = backend;
    this.#options = options;
    this.#loss = options.loss ?? { kind: 'softmaxCrossEntropy' };
    this.#rule = updateRule(options.optimizer ?? { kind: 'adam' });
    this.#plan = planModel(copy, options.batchSize, this.#loss);
    this.#parameters = pairWeights(model.trainableWeights, copy);
    this.#statistics = pairWeights(model.nonTrainableWeights, copy);
    this.#slots = Object.fromEntries(
      this.#rule.slotNames.map((slot) => [
        slot,
        this.#parameters.map(({ own }) => tf.tidy(() => tf.variable(tf.zeros(own.shape), false))),
      ]),
    );
  }

  async step(
    batch: Pick<Batch, 'images' | 'labels'>,
    hyper: Hyperparameters,
  ): Promise<{ readonly loss: number }> {
    this.#enter('step');
    const { batchSize, seed = 0 } = this.#options;
    const { imageShape, classes, dropouts } = this.#plan;
    checkBatch(batch, batchSize, imageShape, classes);
    checkHyperparameters(hyper);
    // tfjs treats seed 0 as 'no seed'.
    for (const [i, layer] of dropouts.entries()) layer.seed = mixSeed(seed, this.#step, i) + 1;
    const loss = tf.tidy(() => {
      const images = this.#imageTensor(batch.images);
      const targets = tf.tensor2d(makeTargets(batch.labels, classes, this.#loss), [batchSize, classes]);
      const variances = this.#plan.normalizations.map(({ layer }) => layer.movingVariance.read().clone());
      const variables = this.#parameters.map(({ own }) => own);
      const { value, grads } = tf.variableGrads(() => {
        const output = this.#copy.apply(images, { training: true }) as tf.Tensor2D;
        return meanLoss(output, targets, this.#loss);
      }, variables);
      this.#moveVariancesUnbiased(variances);
      for (const [i, variable] of variables.entries()) {
        const gradient = grads[variable.name] ?? tf.zeros(variable.shape);
        const slots = Object.fromEntries(Object.entries(this.#slots).map(([name, slot]) => [name, slot[i]!]));
        this.#rule.update(variable, gradient, slots, hyper, this.#step + 1);
      }
      return value;
    });
    this.#step++;
    const [value] = await loss.data();
    loss.dispose();
    return { loss: value! };
  }

  async predict(images: NdArray<Float32Array>): Promise<Logits> {
    this.#enter('predict');
    const { imageShape, classes } = this.#plan;
    checkImages(images, imageShape);
    const count = images.shape[0]!;
    const logits = new Float32Array(count * classes);
    for (let start = 0; start < count; start += this.#options.batchSize) {
      const part = images.lo(start).hi(Math.min(this.#options.batchSize, count - start));
      const output = tf.tidy(
        () => this.#copy.apply(this.#imageTensor(part), { training: false }) as tf.Tensor,
      );
      logits.set((await output.data()) as Float32Array, start * classes);
      output.dispose();
    }
    return ndarray(logits, [count, classes]);
  }

  async state(): Promise<TrainingState> {
    this.#enter('state');
    const read = (pairs: readonly Pair[], variables = pairs.map(({ own }) => own)) =>
      Promise.all(
        pairs.map(
          async ({ name }, i): Promise<NamedTensor> => ({
            name,
            shape: [...variables[i]!.shape],
            data: Float32Array.from(await variables[i]!.data()),
          }),
        ),
      );
    const slots: Record<string, NamedTensor[]> = {};
    for (const [name, slot] of Object.entries(this.#slots)) {
      slots[name] = await read(this.#parameters, [...slot]);
    }
    return {
      step: this.#step,
      parameters: await read(this.#parameters),
      slots,
      statistics: await read(this.#statistics),
    };
  }

  async restore(state: TrainingState): Promise<void> {
    this.#enter('restore');
    checkState(state, await this.state());
    const write = (variables: readonly tf.Variable[], tensors: readonly NamedTensor[]) =>
      tf.tidy(() => {
        for (const [i, variable] of variables.entries()) {
          variable.assign(tf.tensor(tensors[i]!.data.slice(), variable.shape));
        }
      });
    write(
      this.#parameters.map(({ own }) => own),
      state.parameters,
    );
    write(
      this.#statistics.map(({ own }) => own),
      state.statistics,
    );
    for (const [name, slot] of Object.entries(this.#slots)) write(slot, state.slots[name]!);
    this.#step = state.step;
  }

  async writeBack(): Promise<void> {
    this.#enter('writeBack');
    const state = await this.state();
    tf.tidy(() => {
      for (const [pairs, tensors] of [
        [this.#parameters, state.parameters],
        [this.#statistics, state.statistics],
      ] as const) {
        for (const [i, { original }] of pairs.entries()) {
          original.write(tf.tensor(tensors[i]!.data, [...tensors[i]!.shape]));
        }
      }
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#copy.dispose();
    for (const slot of Object.values(this.#slots)) for (const variable of slot) variable.dispose();
  }

  #enter(method: string): void {
    if (this.#disposed) {
      throw new TrainError(
        'SESSION_DISPOSED',
        `${method}() was called after dispose(). Open a new session with engine.open(model, options).`,
      );
    }
    // The backend is global in TensorFlow.js; whoever shares the process may have switched it meanwhile.
    if (tf.getBackend() !== this.#backend) tf.setBackend(this.#backend);
  }

  #imageTensor(images: NdArray<Float32Array>): tf.Tensor {
    // A copy: the cpu backend keeps the array it is given, and the caller's buffer is valid for one batch only.
    return tf.tensor(contiguousData(images).slice(), [...images.shape]);
  }

  /**
   * tfjs-layers moves the running variance towards the biased batch variance, PyTorch towards the unbiased one.
   * With moved = d * old + (1 - d) * biased, the unbiased target is d * old + (1 - d) * biased * n / (n - 1).
   */
  #moveVariancesUnbiased(before: readonly tf.Tensor[]): void {
    for (const [i, { layer, count }] of this.#plan.normalizations.entries()) {
      const variance = layer.movingVariance.read() as tf.Variable;
      const correction = count / (count - 1);
      const kept = tf.mul(before[i]!, layer.momentum);
      variance.assign(tf.add(tf.mul(tf.sub(variance, kept), correction), kept));
    }
  }
}

/** Pairs by name, because a deserialised copy need not list its layers in the original's order. */
function pairWeights(originals: LayersModel['weights'], copy: LayersModel): Pair[] {
  const byName = new Map(copy.weights.map((weight) => [weight.originalName, weight]));
  if (byName.size !== copy.weights.length) {
    throw new TrainError(
      'UNSUPPORTED_MODEL',
      'Two weights of the model have the same name. Give the layers distinct names.',
    );
  }
  return originals.map((original) => {
    const weight = byName.get(original.originalName);
    if (!weight) {
      throw new TrainError(
        'UNSUPPORTED_MODEL',
        `The weight '${original.originalName}' is not part of the model's own configuration, so the model cannot be copied.`,
      );
    }
    return { name: original.originalName, own: weight.read() as tf.Variable, original };
  });
}

/** Rows of target probabilities, [batch, classes]. */
function makeTargets(labels: NdArray<Uint8Array>, classes: number, loss: Loss): Float32Array {
  const smoothing = loss.kind === 'softmaxCrossEntropy' ? (loss.labelSmoothing ?? 0) : 0;
  const count = labels.shape[0]!;
  const targets = new Float32Array(count * classes).fill(smoothing / classes);
  for (let i = 0; i < count; i++) targets[i * classes + labels.get(i)]! += 1 - smoothing;
  return targets;
}

function meanLoss(output: tf.Tensor2D, targets: tf.Tensor2D, loss: Loss): tf.Scalar {
  if (loss.kind === 'meanSquaredError') return tf.mean(tf.squaredDifference(output, targets)) as tf.Scalar;
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(output)), 1))) as tf.Scalar;
}
