import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { importOnnxRuntime, type Runtime } from '../import-onnx-runtime.js';
import { sizeOf } from '../network/network.js';
import { fillDropoutMask } from './dropout-mask.js';
import { sessionOptions } from './session-options.js';
import {
  nextOf,
  type StepGraph,
  type StepPlan,
  type StepRunner,
  type TrainingVectors,
  vectorSizes,
} from './step-plan.js';

type Tensors = Record<string, Tensor>;

/** A graph with the tensors that depend on its number of images. */
interface LoadedGraph {
  readonly graph: StepGraph;
  readonly session: InferenceSession;
  readonly feeds: Tensors;
}

/** Runs the graphs on the calling thread (which each run blocks: the native call is synchronous). */
export class LocalStepRunner implements StepRunner {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly #runtime: Runtime;
  readonly #plan: StepPlan;
  /** For the most images in a step, and for the other number that was prepared last. */
  #full: LoadedGraph | undefined;
  #odd: LoadedGraph | undefined;
  #inference: InferenceSession | undefined;
  /** State vectors: read by the next step, and written by it. They change roles after each step. */
  #current: Tensors;
  #next: Tensors;
  readonly #scalars: Tensors;
  readonly #loss: Tensor;

  static async create(plan: StepPlan): Promise<LocalStepRunner> {
    const runner = new LocalStepRunner(await importOnnxRuntime(), plan);
    runner.#full = await runner.#load(plan.training);
    return runner;
  }

  private constructor(runtime: Runtime, plan: StepPlan) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.images = new Float32Array(plan.training.batchSize * sizeOf(plan.inputShape));
    this.targets = new Float32Array(plan.training.batchSize * plan.classes);
    const state = () =>
      Object.fromEntries(vectorSizes(plan).map(([name, size]) => [name, this.#zeros([size])]));
    this.#current = state();
    this.#next = state();
    this.#scalars = Object.fromEntries(plan.scalars.map((name) => [name, this.#zeros([])]));
    this.#loss = this.#zeros([]);
  }

  async prepare(graph: StepGraph): Promise<void> {
    await this.#odd?.session.release();
    this.#odd = undefined;
    this.#odd = await this.#load(graph);
  }

  async step(count: number, step: number, scalars: readonly number[]): Promise<number> {
    const { graph, session, feeds } = [this.#full, this.#odd].find((one) => one?.graph.batchSize === count)!;
    for (const [index, name] of this.#plan.scalars.entries()) {
      dataOf(this.#scalars[name]!)[0] = scalars[index]!;
    }
    for (const [layer, { input, rate }] of graph.dropoutMasks.entries()) {
      fillDropoutMask(dataOf(feeds[input]!), rate, { seed: this.#plan.seed, step, layer });
    }
    const fetches: Tensors = { loss: this.#loss };
    for (const [name, tensor] of Object.entries(this.#next)) fetches[nextOf(name)] = tensor;
    await session.run({ ...feeds, ...this.#scalars, ...this.#current }, fetches);
    [this.#current, this.#next] = [this.#next, this.#current];
    return dataOf(this.#loss)[0]!;
  }

  async predict(images: Float32Array, onProgress?: (done: number) => void): Promise<Float32Array> {
    const { inputShape, classes, predictBatchSize } = this.#plan;
    this.#inference ??= await this.#runtime.InferenceSession.create(
      this.#plan.inference,
      sessionOptions(this.#plan.settings),
    );
    const imageSize = sizeOf(inputShape);
    const count = images.length / imageSize;
    const logits = new Float32Array(count * classes);
    const weights: Tensors = { parameters: this.#current.parameters! };
    if (this.#current.statistics) weights.statistics = this.#current.statistics;
    for (let start = 0; start < count; start += predictBatchSize) {
      const end = Math.min(start + predictBatchSize, count);
      const chunk = images.subarray(start * imageSize, end * imageSize);
      const input = this.#tensor(chunk, [end - start, ...inputShape]);
      const result = await this.#inference.run({ images: input, ...weights });
      logits.set(dataOf(result.logits!), start * classes);
      result.logits!.dispose();
      onProgress?.(end);
    }
    return logits;
  }

  async read(): Promise<TrainingVectors> {
    return Object.fromEntries(
      Object.entries(this.#current).map(([name, tensor]) => [name, dataOf(tensor).slice()]),
    );
  }

  async write(vectors: TrainingVectors): Promise<void> {
    for (const [name, data] of Object.entries(vectors)) dataOf(this.#current[name]!).set(data);
  }

  async dispose(): Promise<void> {
    const sessions = [this.#full?.session, this.#odd?.session, this.#inference];
    this.#full = this.#odd = this.#inference = undefined;
    for (const session of sessions) await session?.release();
  }

  async #load(graph: StepGraph): Promise<LoadedGraph> {
    const { settings, inputShape, classes } = this.#plan;
    const session = await this.#runtime.InferenceSession.create(graph.model, sessionOptions(settings));
    const { batchSize, dropoutMasks } = graph;
    const start = (buffer: Float32Array, shape: readonly number[]) =>
      this.#tensor(buffer.subarray(0, sizeOf(shape)), shape);
    const feeds: Tensors = {
      images: start(this.images, [batchSize, ...inputShape]),
      targets: start(this.targets, [batchSize, classes]),
      ...Object.fromEntries(dropoutMasks.map((mask) => [mask.input, this.#zeros(mask.shape)])),
    };
    return { graph, session, feeds };
  }

  #tensor(data: Float32Array, shape: readonly number[]): Tensor {
    return new this.#runtime.Tensor('float32', data, shape);
  }

  #zeros(shape: readonly number[]): Tensor {
    return this.#tensor(new Float32Array(sizeOf(shape)), shape);
  }
}

const dataOf = (tensor: Tensor): Float32Array => tensor.data as Float32Array;
