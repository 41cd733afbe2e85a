import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { nextOf } from '../compile-training.js';
import { OnnxEngineError } from '../errors.js';
import { sizeOf } from '../network/network.js';
import { loadOnnxRuntime, messageOf, type Runtime } from '../onnx-runtime.js';
import { fillDropoutMask } from './dropout-mask.js';
import { sessionOptions } from './session-options.js';
import type { StepPlan, StepRunner, TrainingVectors } from './step-plan.js';

type Tensors = Record<string, Tensor>;

/** Runs the graphs on the calling thread (which each run blocks: the native call is synchronous). */
export class LocalStepRunner implements StepRunner {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly #runtime: Runtime;
  readonly #plan: StepPlan;
  readonly #training: InferenceSession;
  #inference: InferenceSession | undefined;
  /** State vectors: read by the next step, and written by it. They change roles after each step. */
  #current: Tensors;
  #next: Tensors;
  readonly #feeds: Tensors;
  readonly #loss: Tensor;

  static async create(plan: StepPlan): Promise<LocalStepRunner> {
    const runtime = await loadOnnxRuntime();
    const options = sessionOptions(plan.settings);
    const training = await runtime.InferenceSession.create(plan.training, options).catch((cause) => {
      const { provider } = plan.settings;
      if (provider === 'cpu') throw cause;
      throw new OnnxEngineError(
        'PROVIDER_UNAVAILABLE',
        `the provider '${provider}' does not start on this machine (${messageOf(cause)}). CUDA needs the CUDA 12 and cuDNN 9 ` +
          "libraries and ONNX Runtime's own; use provider 'cpu', which every machine has",
        { cause },
      );
    });
    return new LocalStepRunner(runtime, plan, training);
  }

  private constructor(runtime: Runtime, plan: StepPlan, training: InferenceSession) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#training = training;
    this.images = new Float32Array(plan.batchSize * sizeOf(plan.inputShape));
    this.targets = new Float32Array(plan.batchSize * plan.classes);
    const tensor = (data: Float32Array, shape: readonly number[]) =>
      new runtime.Tensor('float32', data, shape);
    const zeros = (shape: readonly number[]) => tensor(new Float32Array(sizeOf(shape)), shape);
    const state = () => Object.fromEntries(vectorSizes(plan).map(([name, size]) => [name, zeros([size])]));
    this.#current = state();
    this.#next = state();
    this.#loss = zeros([]);
    this.#feeds = {
      images: tensor(this.images, [plan.batchSize, ...plan.inputShape]),
      targets: tensor(this.targets, [plan.batchSize, plan.classes]),
      ...Object.fromEntries(plan.scalars.map((name) => [name, zeros([])])),
      ...Object.fromEntries(plan.dropoutMasks.map((mask) => [mask.input, zeros(mask.shape)])),
    };
  }

  async step(step: number, scalars: readonly number[]): Promise<number> {
    const { dropoutMasks, seed } = this.#plan;
    for (const [index, name] of this.#plan.scalars.entries())
      this.#data(this.#feeds, name)[0] = scalars[index]!;
    for (const [layer, mask] of dropoutMasks.entries()) {
      fillDropoutMask(this.#data(this.#feeds, mask.input), mask.rate, { seed, step, layer });
    }
    const fetches: Tensors = { loss: this.#loss };
    for (const [name, tensor] of Object.entries(this.#next)) fetches[nextOf(name)] = tensor;
    await this.#training.run({ ...this.#feeds, ...this.#current }, fetches);
    [this.#current, this.#next] = [this.#next, this.#current];
    return (this.#loss.data as Float32Array)[0]!;
  }

  async predict(images: Float32Array, onProgress?: (done: number) => void): Promise<Float32Array> {
    const { inputShape, classes, predictBatchSize, predictWith } = this.#plan;
    this.#inference ??= await this.#runtime.InferenceSession.create(
      this.#plan.inference,
      sessionOptions(this.#plan.settings),
    );
    const imageSize = sizeOf(inputShape);
    const count = images.length / imageSize;
    const logits = new Float32Array(count * classes);
    const weights: Tensors = { parameters: this.#current[predictWith]! };
    if (this.#current.statistics) weights.statistics = this.#current.statistics;
    for (let start = 0; start < count; start += predictBatchSize) {
      const end = Math.min(start + predictBatchSize, count);
      const chunk = images.subarray(start * imageSize, end * imageSize);
      const input = new this.#runtime.Tensor('float32', chunk, [end - start, ...inputShape]);
      const result = await this.#inference.run({ images: input, ...weights });
      logits.set(result.logits!.data as Float32Array, start * classes);
      result.logits!.dispose();
      onProgress?.(end);
    }
    return logits;
  }

  async read(): Promise<TrainingVectors> {
    return Object.fromEntries(
      Object.keys(this.#current).map((name) => [name, this.#data(this.#current, name).slice()]),
    );
  }

  async write(vectors: TrainingVectors): Promise<void> {
    for (const [name, data] of Object.entries(vectors)) this.#data(this.#current, name).set(data);
  }

  async dispose(): Promise<void> {
    await this.#training.release();
    await this.#inference?.release();
    this.#inference = undefined;
  }

  #data(tensors: Tensors, name: string): Float32Array {
    return tensors[name]!.data as Float32Array;
  }
}

/** Name and length of each state vector. */
function vectorSizes(plan: StepPlan): [string, number][] {
  const sizes: [string, number][] = [['parameters', plan.parameterCount]];
  if (plan.statisticCount > 0) sizes.push(['statistics', plan.statisticCount]);
  for (const slot of plan.slots) sizes.push([slot, plan.parameterCount]);
  return sizes;
}
