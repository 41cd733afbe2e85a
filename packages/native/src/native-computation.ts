import type { Computation, SessionPlan, TrainingValues } from '@mnist/engine';
import { EngineError } from '@mnist/engine';
import { sizeOf } from '@mnist/kit';
import type { NativeSession } from './load-addon.js';

/** Images in one call of `predict`, so that progress can be told and nothing large is copied. */
const PREDICT_IMAGES = 1000;

/** The arithmetic of a training in the addon. */
export class NativeComputation implements Computation {
  readonly computedBy: string;
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly #imageSize: number;

  constructor(
    engineName: string,
    private readonly plan: SessionPlan,
    private readonly session: NativeSession,
  ) {
    this.computedBy = `${engineName} ${session.path}`;
    this.#imageSize = sizeOf(plan.imageShape);
    this.images = new Float32Array(plan.batchSize * this.#imageSize);
    this.targets = new Float32Array(plan.batchSize * plan.classes);
  }

  step(...[count, hyper, step]: Parameters<Computation['step']>): Promise<number> {
    const { learningRate, momentum, weightDecay } = hyper;
    const images = this.images.subarray(0, count * this.#imageSize);
    const targets = this.targets.subarray(0, count * this.plan.classes);
    return guarded(() => this.session.step(images, targets, learningRate, momentum, weightDecay, step));
  }

  async predict(
    images: Float32Array,
    count: number,
    onProgress?: (done: number) => void,
  ): Promise<Float32Array> {
    const { classes } = this.plan;
    const logits = new Float32Array(count * classes);
    for (let start = 0; start < count; start += PREDICT_IMAGES) {
      const end = Math.min(start + PREDICT_IMAGES, count);
      const part = images.subarray(start * this.#imageSize, end * this.#imageSize);
      logits.set(await guarded(() => this.session.predict(part)), start * classes);
      onProgress?.(end);
    }
    return logits;
  }

  async read(): Promise<TrainingValues> {
    const { parameters, statistics, slots } = this.plan;
    const values = split(await guarded(() => this.session.read(0)), [...parameters, ...statistics]);
    const read: Record<string, Float32Array[]> = {};
    for (const [index, slot] of slots.entries()) {
      read[slot] = split(await guarded(() => this.session.read(index + 1)), parameters);
    }
    return {
      parameters: values.slice(0, parameters.length),
      statistics: values.slice(parameters.length),
      slots: read,
    };
  }

  async write({ parameters, statistics, slots }: TrainingValues): Promise<void> {
    await guarded(() => this.session.write(0, join([...parameters, ...statistics])));
    for (const [index, slot] of this.plan.slots.entries()) {
      await guarded(() => this.session.write(index + 1, join(slots[slot]!)));
    }
  }

  dispose(): Promise<void> {
    return guarded(() => this.session.close());
  }
}

async function guarded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = `the native engine failed: ${(error as Error).message}`;
    throw new EngineError('SESSION_FAILED', message, { cause: error });
  }
}

function split(values: Float32Array, tensors: SessionPlan['parameters']): Float32Array[] {
  let start = 0;
  return tensors.map(({ size }) => {
    start += size;
    return values.slice(start - size, start);
  });
}

function join(tensors: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(tensors.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const tensor of tensors) {
    joined.set(tensor, start);
    start += tensor.length;
  }
  return joined;
}
