import type {
  Hyperparameters,
  Logits,
  Loss,
  NamedTensor,
  TrainingSession,
  TrainingState,
} from '@mnist/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray, { type NdArray } from 'ndarray';
import { AVERAGE_SLOT, type TrainingGraph } from '../compile-training.js';
import { OnnxEngineError } from '../errors.js';
import { sizeOf } from '../network/network.js';
import type { WeightPack } from '../network/weight-pack.js';
import { fillTargets } from '../objectives/fill-targets.js';
import { copyImages } from './copy-images.js';
import { readWeights, writeWeights } from './model-weights.js';
import type { StepRunner, TrainingVectors } from './step-plan.js';
import { requireHyperparameters, requireState } from './validation.js';

/** A training on a step runner: knows tfjs's names and layouts, checks what comes in, counts the steps. */
export class OnnxTrainingSession implements TrainingSession {
  #step = 0;
  #closed = false;
  /** The last operation: each waits for the one before. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly model: LayersModel,
    private readonly graph: TrainingGraph,
    private readonly runner: StepRunner,
    private readonly loss: Loss,
    private readonly onPredictProgress?: (done: number, total: number) => void,
  ) {}

  step(batch: Parameters<TrainingSession['step']>[0], hyper: Hyperparameters): Promise<{ loss: number }> {
    return this.#inTurn(async () => {
      requireHyperparameters(hyper);
      const { batchSize, inputShape, classes, rule } = this.graph;
      const { images, labels } = batch;
      if (labels.shape[0] !== batchSize) {
        throw new OnnxEngineError(
          'INVALID_BATCH',
          `the batch has ${labels.shape[0]} labels; the session was opened with batchSize ${batchSize}: ` +
            'drop the incomplete last batch',
        );
      }
      copyImages(images, [batchSize, ...inputShape], this.runner.images);
      fillTargets(labelsOf(labels), classes, this.loss, this.runner.targets);
      const loss = await this.runner.step(this.#step, rule.scalarValues(hyper, this.#step + 1));
      this.#step += 1;
      return { loss };
    });
  }

  predict(images: NdArray<Float32Array>): Promise<Logits> {
    return this.#inTurn(async () => {
      const { inputShape, classes } = this.graph;
      const count = images.shape[0] ?? 0;
      const contiguous = new Float32Array(count * sizeOf(inputShape));
      copyImages(images, [count, ...inputShape], contiguous);
      const onProgress = this.onPredictProgress;
      const logits =
        count === 0
          ? new Float32Array()
          : await this.runner.predict(contiguous, onProgress && ((done) => onProgress(done, count)));
      return ndarray(logits, [count, classes]);
    });
  }

  state(): Promise<TrainingState> {
    return this.#inTurn(async () => {
      const { parameters, statistics, slots } = this.graph;
      const vectors = await this.runner.read();
      return {
        step: this.#step,
        parameters: unpack(parameters, vectors.parameters!),
        slots: Object.fromEntries(slots.map((slot) => [slot, unpack(parameters, vectors[slot]!)])),
        statistics: statistics.size > 0 ? unpack(statistics, vectors.statistics!) : [],
      };
    });
  }

  restore(state: TrainingState): Promise<void> {
    return this.#inTurn(async () => {
      const { parameters, statistics, slots } = this.graph;
      requireState(state, this.graph);
      const vectors: Record<string, Float32Array> = { parameters: pack(parameters, state.parameters) };
      if (statistics.size > 0) vectors.statistics = pack(statistics, state.statistics);
      for (const slot of slots) {
        // A state saved without averaging: the average starts at the parameters.
        const given = state.slots[slot] ?? (slot === AVERAGE_SLOT ? state.parameters : []);
        vectors[slot] = pack(parameters, given);
      }
      await this.runner.write(vectors);
      this.#step = state.step;
    });
  }

  writeBack(): Promise<void> {
    return this.#inTurn(async () => {
      const { parameters, statistics, slots } = this.graph;
      const vectors = await this.runner.read();
      const trained = vectors[slots.includes(AVERAGE_SLOT) ? AVERAGE_SLOT : 'parameters']!;
      writeWeights(this.model.trainableWeights, unpack(parameters, trained));
      if (statistics.size > 0) {
        writeWeights(this.model.nonTrainableWeights, unpack(statistics, vectors.statistics!));
      }
    });
  }

  async dispose(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#tail.catch(() => undefined);
    await this.runner.dispose();
  }

  /** Takes the model's present weights as the start of the training. */
  async readModel(): Promise<void> {
    const { parameters, statistics, slots } = this.graph;
    const start = pack(parameters, await readWeights(this.model.trainableWeights));
    const vectors: Record<string, Float32Array> = { parameters: start };
    if (statistics.size > 0) {
      vectors.statistics = pack(statistics, await readWeights(this.model.nonTrainableWeights));
    }
    if (slots.includes(AVERAGE_SLOT)) vectors[AVERAGE_SLOT] = start;
    await this.runner.write(vectors satisfies TrainingVectors);
  }

  /** Operations run one after the other, in the order of the calls; one that fails does not stop the next. */
  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      return Promise.reject(
        new OnnxEngineError('SESSION_CLOSED', 'this training session was disposed of; open a new one'),
      );
    }
    const result = this.#tail.catch(() => undefined).then(operation);
    this.#tail = result;
    return result;
  }
}

function labelsOf(labels: NdArray<Uint8Array>): number[] {
  return Array.from({ length: labels.shape[0]! }, (_, index) => labels.get(index));
}

function unpack(pack: WeightPack, vector: Float32Array): NamedTensor[] {
  return pack.weights.map(({ name, shape, size }, index) => {
    const start = pack.offsets[index]!;
    return { name, shape, data: vector.slice(start, start + size) };
  });
}

function pack(into: WeightPack, tensors: readonly NamedTensor[]): Float32Array {
  const vector = new Float32Array(into.size);
  for (const [index, start] of into.offsets.entries()) vector.set(tensors[index]!.data, start);
  return vector;
}
