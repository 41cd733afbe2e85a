import { integer, show, sizeOf } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray, { type NdArray } from 'ndarray';
import { checkHyperparameters, checkImages, copyContiguous, fillBatch } from './_check-batch.js';
import { checkModel, type ModelShape } from './_check-model.js';
import { checkState } from './_check-state.js';
import { weightNames } from './_weight-names.js';
import { checkStepOptions } from './check-step-options.js';
import type {
  GroupedStep,
  Hyperparameters,
  Logits,
  NamedTensor,
  StepGroup,
  StepOptions,
  TrainingBatch,
  TrainingSession,
  TrainingState,
} from './engine.js';
import { EngineError, engineOptions } from './engine-error.js';
import type {
  Computation,
  GroupComputation,
  SessionPlan,
  TensorInfo,
  TrainingValues,
} from './session-plan.js';

type Variables = LayersModel['weights'];

/**
 * The one way from an engine's arithmetic to a TrainingSession. All checks of options, model, batches, hyperparameters and
 * states are made here, so that the same wrong input is the same error in every engine.
 *
 * @param engineName the engine's name
 * @param start compiles the plan; its computation is given the model's weights and zero slots before the first call
 * @throws EngineError `INVALID_OPTION`, `UNSUPPORTED_MODEL`, `UNSUPPORTED_LAYER`, `SESSION_CLOSED`; what `start` throws
 */
export async function openSession(
  engineName: string,
  model: LayersModel,
  options: StepOptions,
  start: (plan: SessionPlan) => Promise<Computation>,
): Promise<TrainingSession> {
  const { signal, ...settings } = checkStepOptions(options);
  const shape = checkModel(model, settings.loss);
  const names = weightNames(model);
  const plan: SessionPlan = {
    ...settings,
    model,
    imageShape: shape.imageShape,
    classes: shape.classes,
    parameters: describeWeights(model.trainableWeights, names),
    statistics: describeWeights(model.nonTrainableWeights, names),
    slots: settings.optimizer.kind === 'adam' ? ['m', 'v'] : ['velocity'],
  };
  if (signal?.aborted) throw closed(signal.reason);
  const values: TrainingValues = {
    parameters: await readWeights(model.trainableWeights),
    statistics: await readWeights(model.nonTrainableWeights),
    slots: Object.fromEntries(
      plan.slots.map((slot) => [slot, plan.parameters.map(({ size }) => new Float32Array(size))]),
    ),
  };
  const computation = await start(plan);
  try {
    await computation.write(values);
    if (signal?.aborted) throw closed(signal.reason);
  } catch (error) {
    await computation.dispose();
    throw error;
  }
  return new CheckedSession(engineName, plan, shape, computation, signal);
}

class CheckedSession implements TrainingSession {
  readonly computedBy: string;
  readonly group?: StepGroup;
  #step = 0;
  /** The steps of the last group, while nothing was called since. */
  #lastGroup: readonly GroupedStep[] | undefined;
  /** Why no further call is taken. */
  #closed: EngineError | undefined;
  /** The last operation: each waits for the one before. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Operations that were called and are not done. */
  #pending = 0;
  #disposed: Promise<void> | undefined;
  readonly #abort: () => void;
  /** Rejects the calls under way when the signal is aborted. */
  readonly #waiting = new Set<(reason: EngineError) => void>();

  constructor(
    engineName: string,
    private readonly plan: SessionPlan,
    private readonly shape: ModelShape,
    private readonly computation: Computation,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.computedBy = computation.computedBy ?? engineName;
    if (computation.group) this.group = this.#openGroup(computation.group);
    this.#abort = () => {
      this.#closed ??= closed(signal?.reason);
      for (const reject of this.#waiting) reject(this.#closed);
      this.dispose().catch(() => undefined);
    };
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  async step(batch: TrainingBatch, hyper: Hyperparameters): Promise<{ loss: number }> {
    const [loss] = await this.#takeSteps([{ batch, hyper }], async ([count]) => [
      await this.computation.step(count!, hyper, this.#step + 1),
    ]);
    return { loss: loss! };
  }

  #openGroup(group: GroupComputation): StepGroup {
    const { size } = group;
    const run = (steps: readonly GroupedStep[]) =>
      group.steps(
        steps.map(({ hyper }) => hyper),
        this.#step + 1,
      );
    return {
      size,
      steps: async (steps) => {
        engineOptions.require('group.steps', 'steps.length', steps.length, integer({ min: 1, max: size }));
        for (const { batch } of steps) requireFull(batch, this.plan.batchSize);
        const losses = await this.#takeSteps(steps, async () => {
          const values = await run(steps);
          this.#lastGroup = steps;
          return values;
        });
        return losses.map((loss) => ({ loss }));
      },
      keep: async (count) => {
        const steps = this.#lastGroup;
        if (!steps || this.#pending > 0) {
          throw new EngineError(
            'NOTHING_TO_TAKE_BACK',
            'group.keep must follow group.steps, with no other call between them.',
          );
        }
        engineOptions.require('group.keep', 'count', count, integer({ min: 0, max: steps.length }));
        if (count === steps.length) return;
        await this.#inTurn(async () => {
          await group.rewind();
          this.#step -= steps.length;
          if (count > 0) await run(steps.slice(0, count));
          this.#step += count;
        });
      },
    };
  }

  /** @param compute is given the number of images of each step, once the batches lie in the computation's buffers */
  async #takeSteps(
    steps: readonly GroupedStep[],
    compute: (counts: readonly number[]) => Promise<number[]>,
  ): Promise<number[]> {
    if (this.#closed) throw this.#closed;
    for (const { hyper } of steps) checkHyperparameters(hyper);
    const { batchSize, loss, imageShape, classes } = this.plan;
    const imagesLength = batchSize * sizeOf(imageShape);
    const targetsLength = batchSize * classes;
    // Read now: the caller may overwrite the batches as soon as this call returns.
    const { images, targets } = this.computation;
    const free = this.#pending === 0;
    this.#lastGroup = undefined;
    const buffers = free
      ? { images, targets }
      : {
          images: new Float32Array(steps.length * imagesLength),
          targets: new Float32Array(steps.length * targetsLength),
        };
    const counts = steps.map(({ batch }, i) =>
      fillBatch(batch, this.shape, batchSize, loss, {
        images: buffers.images.subarray(i * imagesLength),
        targets: buffers.targets.subarray(i * targetsLength),
      }),
    );
    return this.#inTurn(async () => {
      if (!free) {
        images.set(buffers.images);
        targets.set(buffers.targets);
      }
      const losses = await compute(counts);
      this.#step += steps.length;
      return losses;
    });
  }

  async predict(
    images: NdArray<Float32Array>,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Logits> {
    if (this.#closed) throw this.#closed;
    const { imageShape, classes } = this.plan;
    const count = checkImages(images, imageShape);
    const contiguous = new Float32Array(images.size);
    copyContiguous(images, contiguous);
    return this.#inTurn(async () => {
      const report = onProgress && ((done: number) => onProgress(done, count));
      const logits =
        count === 0 ? new Float32Array() : await this.computation.predict(contiguous, count, report);
      return ndarray(logits, [count, classes]);
    });
  }

  state(): Promise<TrainingState> {
    return this.#inTurn(async () => {
      const { parameters, statistics, slots } = this.plan;
      const values = await this.computation.read();
      return {
        step: this.#step,
        parameters: nameTensors(parameters, values.parameters),
        slots: Object.fromEntries(slots.map((slot) => [slot, nameTensors(parameters, values.slots[slot]!)])),
        statistics: nameTensors(statistics, values.statistics),
      };
    });
  }

  restore(state: TrainingState): Promise<void> {
    return this.#inTurn(async () => {
      checkState(state, this.plan);
      const dataOf = (tensors: readonly NamedTensor[]) => tensors.map(({ data }) => data);
      await this.computation.write({
        parameters: dataOf(state.parameters),
        statistics: dataOf(state.statistics),
        slots: Object.fromEntries(this.plan.slots.map((slot) => [slot, dataOf(state.slots[slot]!)])),
      });
      this.#step = state.step;
    });
  }

  writeBack(): Promise<void> {
    return this.#inTurn(async () => {
      const { model } = this.plan;
      const { parameters, statistics } = await this.computation.read();
      writeWeights(model.trainableWeights, parameters);
      writeWeights(model.nonTrainableWeights, statistics);
    });
  }

  dispose(): Promise<void> {
    this.#closed ??= closed();
    this.signal?.removeEventListener('abort', this.#abort);
    this.#disposed ??= this.#tail.then(() => this.computation.dispose());
    return this.#disposed;
  }

  /** Operations run one after the other, in the order of the calls; one that fails does not stop the next. */
  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closed);
    const run = () => {
      if (this.#closed && this.signal?.aborted) return Promise.reject(this.#closed);
      // A group that was waiting before this operation has been taken since the call.
      this.#lastGroup = undefined;
      return operation();
    };
    this.#pending += 1;
    this.#lastGroup = undefined;
    const result = this.#tail.then(run).finally(() => {
      this.#pending -= 1;
    });
    this.#tail = result.catch(() => undefined);
    if (!this.signal) return result;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      result.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }
}

function requireFull({ images }: TrainingBatch, batchSize: number): void {
  if (images?.shape?.[0] === batchSize) return;
  throw new EngineError(
    'INVALID_BATCH',
    `a group takes full batches of ${batchSize} images, and one has ${show(images?.shape?.[0])}: take that step by itself.`,
  );
}

function closed(reason?: unknown): EngineError {
  return reason === undefined
    ? new EngineError('SESSION_CLOSED', 'this training session was disposed of; open a new one.')
    : new EngineError(
        'SESSION_CLOSED',
        `this training session was closed by its signal (${reason instanceof Error ? reason.message : show(reason)}); open a new one.`,
        { cause: reason },
      );
}

function describeWeights(variables: Variables, names: ReadonlyMap<string, string>): TensorInfo[] {
  return variables.map((variable) => {
    const shape = variable.shape.map((length) => length ?? 0);
    return { name: names.get(variable.name) ?? variable.originalName, shape, size: sizeOf(shape) };
  });
}

function nameTensors(infos: readonly TensorInfo[], values: readonly Float32Array[]): NamedTensor[] {
  return infos.map(({ name, shape }, i) => ({ name, shape, data: values[i]! }));
}

async function readWeights(variables: Variables): Promise<Float32Array[]> {
  return Promise.all(variables.map(async (variable) => Float32Array.from(await variable.read().data())));
}

function writeWeights(variables: Variables, values: readonly Float32Array[]): void {
  tf.tidy(() => {
    for (const [i, variable] of variables.entries()) {
      const shape = variable.shape.map((length) => length ?? 0);
      variable.write(tf.tensor(values[i]!, shape, 'float32'));
    }
  });
}
