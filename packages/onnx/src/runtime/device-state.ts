import type { InferenceSession } from 'onnxruntime-node';
import { GraphBuilder } from '../graph/graph-builder.js';
import type { Runtime } from '../import-onnx-runtime.js';
import { sessionOptions } from './session-options.js';
import { dataOf, type StateStore, type Tensors } from './state-store.js';
import { nextOf, type StepPlan, SUM_OUTPUT, type TrainingVectors, vectorSizes } from './step-plan.js';

/**
 * On the GPU (WebGPU): a step's results stay in device buffers, and the next step reads them there; only the loss and one
 * sum come back. Without it committeeNet would move 57 MB each way at each step.
 *
 * Shading languages may treat NaN as any number (WGSL 15.7.2: implementations may assume that there is none), so a diverged
 * training could report finite losses. The parameters' sum is watched instead; additions do carry NaN and infinity on.
 */
export class DeviceState implements StateStore {
  readonly sessionOptions: InferenceSession.SessionOptions;
  #current: Tensors = {};
  #diverged = false;

  /** @param reader a session that copies each vector to an output of the same name, in memory of this process */
  private constructor(
    private readonly runtime: Runtime,
    private readonly plan: StepPlan,
    private readonly reader: InferenceSession,
  ) {
    const onDevice = vectorSizes(plan).map(([name]) => [nextOf(name), 'gpu-buffer'] as const);
    this.sessionOptions = {
      preferredOutputLocation: { loss: 'cpu', [SUM_OUTPUT]: 'cpu', ...Object.fromEntries(onDevice) },
    };
  }

  static async create(runtime: Runtime, plan: StepPlan): Promise<DeviceState> {
    const graph = new GraphBuilder();
    for (const [name, size] of vectorSizes(plan)) {
      graph.output(`read/${name}`, graph.input(name, [size]), [size]);
    }
    // `getData()` of a device tensor aborts the process in onnxruntime-node 1.30.
    const reader = await runtime.InferenceSession.create(graph.build(), sessionOptions(plan.settings));
    return new DeviceState(runtime, plan, reader);
  }

  get current(): Tensors {
    return this.#current;
  }

  async run(session: InferenceSession, feeds: Tensors): Promise<number[]> {
    const results = await session.run({ ...feeds, ...this.#current });
    const before = this.#current;
    this.#current = Object.fromEntries(Object.keys(before).map((name) => [name, results[nextOf(name)]!]));
    disposeAll(before);
    const loss = this.#diverged ? Number.NaN : dataOf(results.loss!)[0]!;
    if (!Number.isFinite(dataOf(results[SUM_OUTPUT]!)[0])) this.#diverged = true;
    return [loss];
  }

  rewind(): void {
    throw new Error('the vectors before a step are gone: on this device steps are taken one by one');
  }

  async detach(): Promise<void> {
    this.write(await this.read());
  }

  async read(): Promise<TrainingVectors> {
    const results = await this.reader.run(this.#current);
    return Object.fromEntries(
      Object.keys(this.#current).map((name) => [name, dataOf(results[`read/${name}`]!).slice()]),
    );
  }

  write(vectors: TrainingVectors): void {
    disposeAll(this.#current);
    this.#current = Object.fromEntries(
      vectorSizes(this.plan).map(([name, size]) => [
        name,
        new this.runtime.Tensor('float32', vectors[name]!.slice(), [size]),
      ]),
    );
    this.#diverged = !Number.isFinite(vectors.parameters!.reduce((sum, value) => sum + value, 0));
  }

  async dispose(): Promise<void> {
    disposeAll(this.#current);
    this.#current = {};
    await this.reader.release();
  }
}

function disposeAll(tensors: Tensors): void {
  for (const tensor of Object.values(tensors)) if (tensor.location !== 'cpu') tensor.dispose();
}
