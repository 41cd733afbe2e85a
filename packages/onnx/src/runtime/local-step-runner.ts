import { sizeOf } from '@mnist/kit';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { importOnnxRuntime, type Runtime } from '../import-onnx-runtime.js';
import { DeviceState } from './device-state.js';
import { fillDropoutMask } from './dropout-mask.js';
import { sessionOptions } from './session-options.js';
import { dataOf, HostState, type StateStore, type Tensors } from './state-store.js';
import {
  keepsStateOnDevice,
  type StepGraph,
  type StepPlan,
  type StepRunner,
  type TrainingVectors,
} from './step-plan.js';

/** A graph with the tensors that depend on its number of images. */
interface LoadedGraph {
  readonly graph: StepGraph;
  readonly session: InferenceSession;
  /** Scalars and dropout masks for the most steps in a call, by the names of their inputs. */
  readonly buffers: ReadonlyMap<string, { readonly data: Float32Array; readonly shape: readonly number[] }>;
  /** For the numbers of steps that were taken so far: views of the same memory. */
  readonly feeds: Map<number, Tensors>;
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
  readonly #state: StateStore;

  static async create(plan: StepPlan): Promise<LocalStepRunner> {
    const runtime = await importOnnxRuntime();
    const state = keepsStateOnDevice(plan.settings)
      ? await DeviceState.create(runtime, plan)
      : new HostState(runtime, plan);
    const runner = new LocalStepRunner(runtime, plan, state);
    try {
      runner.#full = await runner.#load(plan.training);
    } catch (error) {
      await state.dispose();
      throw error;
    }
    return runner;
  }

  private constructor(runtime: Runtime, plan: StepPlan, state: StateStore) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#state = state;
    const images = plan.stepsPerCall * plan.training.batchSize;
    this.images = new Float32Array(images * sizeOf(plan.inputShape));
    this.targets = new Float32Array(images * plan.classes);
  }

  async prepare(graph: StepGraph): Promise<void> {
    if (this.#odd) {
      await this.#state.detach();
      await this.#odd.session.release();
      this.#odd = undefined;
    }
    this.#odd = await this.#load(graph);
  }

  async steps(count: number, step: number, scalars: readonly (readonly number[])[]): Promise<number[]> {
    const loaded = [this.#full, this.#odd].find((one) => one?.graph.batchSize === count)!;
    const { graph, session } = loaded;
    const feeds = this.#feedsOf(loaded, scalars.length);
    for (const [i, values] of scalars.entries()) {
      for (const [index, name] of this.#plan.scalars.entries()) dataOf(feeds[name]!)[i] = values[index]!;
      for (const [layer, { input, rate, shape }] of graph.dropoutMasks.entries()) {
        const mask = dataOf(feeds[input]!).subarray(i * sizeOf(shape), (i + 1) * sizeOf(shape));
        fillDropoutMask(mask, rate, { seed: this.#plan.seed, step: step + i, layer });
      }
    }
    const losses = await this.#state.run(session, feeds, graph.repeated ? [scalars.length] : []);
    // A GPU may lose what is not a number on its way (see DeviceState); so the images are looked at here.
    const lost = keepsStateOnDevice(this.#plan.settings) && hasNaN(dataOf(feeds.images!));
    return lost ? losses.map(() => Number.NaN) : losses;
  }

  async rewind(): Promise<void> {
    this.#state.rewind();
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
    const { parameters, statistics } = this.#state.current;
    const weights: Tensors = { parameters: parameters!, ...(statistics && { statistics }) };
    for (let start = 0; start < count; start += predictBatchSize) {
      const end = Math.min(start + predictBatchSize, count);
      const chunk = images.subarray(start * imageSize, end * imageSize);
      const input = this.#tensor(chunk, [end - start, ...inputShape]);
      const result = await this.#inference.run({ images: input, ...weights });
      logits.set(dataOf(result.logits!), start * classes);
      result.logits!.dispose();
      onProgress?.(end);
    }
    if (keepsStateOnDevice(this.#plan.settings)) {
      for (let i = 0; i < count; i++) {
        if (hasNaN(images.subarray(i * imageSize, (i + 1) * imageSize))) {
          logits.fill(Number.NaN, i * classes, (i + 1) * classes);
        }
      }
    }
    return logits;
  }

  read(): Promise<TrainingVectors> {
    return this.#state.read();
  }

  async write(vectors: TrainingVectors): Promise<void> {
    this.#state.write(vectors);
  }

  async dispose(): Promise<void> {
    const sessions = [this.#full?.session, this.#odd?.session, this.#inference];
    this.#full = this.#odd = this.#inference = undefined;
    await this.#state.dispose();
    for (const session of sessions) await session?.release();
  }

  async #load(graph: StepGraph): Promise<LoadedGraph> {
    const options = sessionOptions(this.#plan.settings, this.#state.sessionOptions);
    const session = await this.#runtime.InferenceSession.create(graph.model, options);
    const inputs = [
      ...this.#plan.scalars.map((input) => ({ input, shape: [] as readonly number[] })),
      ...graph.dropoutMasks,
    ];
    const steps = graph.repeated ? this.#plan.stepsPerCall : 1;
    const buffers = new Map(
      inputs.map(({ input, shape }) => [input, { data: new Float32Array(steps * sizeOf(shape)), shape }]),
    );
    return { graph, session, buffers, feeds: new Map() };
  }

  #feedsOf({ graph, buffers, feeds }: LoadedGraph, steps: number): Tensors {
    const existing = feeds.get(steps);
    if (existing) return existing;
    const { inputShape, classes } = this.#plan;
    const { batchSize } = graph;
    const forSteps = (shape: readonly number[]) => (graph.repeated ? [steps, ...shape] : shape);
    const start = (buffer: Float32Array, shape: readonly number[]) =>
      this.#tensor(buffer.subarray(0, sizeOf(shape)), shape);
    const made: Tensors = {
      images: start(this.images, forSteps([batchSize, ...inputShape])),
      targets: start(this.targets, forSteps([batchSize, classes])),
      ...Object.fromEntries(
        Array.from(buffers, ([name, { data, shape }]) => [name, start(data, forSteps(shape))]),
      ),
    };
    feeds.set(steps, made);
    return made;
  }

  #tensor(data: Float32Array, shape: readonly number[]): Tensor {
    return new this.#runtime.Tensor('float32', data, shape);
  }
}

function hasNaN(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}
