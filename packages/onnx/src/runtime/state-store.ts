import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Runtime } from '../import-onnx-runtime.js';
import { nextOf, type StepPlan, type TrainingVectors, vectorSizes } from './step-plan.js';

export type Tensors = Record<string, Tensor>;

/** Where the vectors of a training live between steps. */
export interface StateStore {
  /** What the next run reads. */
  readonly current: Tensors;
  /** What a training graph's session needs to be created with. */
  readonly sessionOptions: InferenceSession.SessionOptions;
  /**
   * Runs a training graph on the current vectors, which its results replace. Returns the losses.
   * @param lossShape [] for one step, [steps] for a repeated graph
   */
  run(session: InferenceSession, feeds: Tensors, lossShape: readonly number[]): Promise<number[]>;
  /** Brings back the vectors before the last run. */
  rewind(): void;
  /** To be called before a session that has run is released: its results may live in its memory. */
  detach(): Promise<void>;
  /** Copies. */
  read(): Promise<TrainingVectors>;
  write(vectors: TrainingVectors): void;
  dispose(): Promise<void>;
}

export const dataOf = (tensor: Tensor): Float32Array => tensor.data as Float32Array;

/** In this process's memory: two copies, which change roles after each step. */
export class HostState implements StateStore {
  readonly sessionOptions = {};
  #current: Tensors;
  #next: Tensors;

  constructor(
    private readonly runtime: Runtime,
    plan: StepPlan,
  ) {
    const zeros = () =>
      Object.fromEntries(
        vectorSizes(plan).map(([name, size]) => [
          name,
          new runtime.Tensor('float32', new Float32Array(size), [size]),
        ]),
      );
    this.#current = zeros();
    this.#next = zeros();
  }

  get current(): Tensors {
    return this.#current;
  }

  async run(session: InferenceSession, feeds: Tensors, lossShape: readonly number[]): Promise<number[]> {
    const losses = new Float32Array(lossShape[0] ?? 1);
    const fetches: Tensors = { loss: new this.runtime.Tensor('float32', losses, lossShape) };
    for (const [name, tensor] of Object.entries(this.#next)) fetches[nextOf(name)] = tensor;
    await session.run({ ...feeds, ...this.#current }, fetches);
    this.rewind();
    return [...losses];
  }

  /** The two copies change roles: a run's results become current, or what was current before it. */
  rewind(): void {
    [this.#current, this.#next] = [this.#next, this.#current];
  }

  async detach(): Promise<void> {}

  async read(): Promise<TrainingVectors> {
    return Object.fromEntries(
      Object.entries(this.#current).map(([name, tensor]) => [name, dataOf(tensor).slice()]),
    );
  }

  write(vectors: TrainingVectors): void {
    for (const [name, data] of Object.entries(vectors)) dataOf(this.#current[name]!).set(data);
  }

  async dispose(): Promise<void> {}
}
