import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Computation, openSession, type SessionPlan, type TrainingValues } from '../src/index.js';

beforeAll(() => tf.setBackend('cpu'));

const model = () =>
  sequential({
    layers: [layers.flatten({ inputShape: [2, 2, 1] }), layers.dense({ units: 2, name: 'head' })],
  });
const hyper = { learningRate: 0.1, momentum: 0.9, weightDecay: 0 };
const batch = (value = 1) => ({
  images: ndarray(new Float32Array(8).fill(value), [2, 2, 2, 1]),
  labels: ndarray(Uint8Array.of(0, 1)),
});

/** Remembers what it was given; a step ends when it is told to. */
class Recorder implements Computation {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly log: string[] = [];
  readonly seen: Float32Array[] = [];
  values: TrainingValues | undefined;
  hold: Promise<void> = Promise.resolve();

  constructor(plan: SessionPlan) {
    this.images = new Float32Array(plan.batchSize * 4);
    this.targets = new Float32Array(plan.batchSize * plan.classes);
  }
  async step(count: number, _hyper: unknown, step: number): Promise<number> {
    this.log.push(`step ${step} of ${count}`);
    await this.hold;
    this.seen.push(this.images.slice());
    this.log.push(`done ${step}`);
    return 0.5;
  }
  async predict(_images: Float32Array, count: number): Promise<Float32Array> {
    return new Float32Array(2 * count);
  }
  async read(): Promise<TrainingValues> {
    return this.values!;
  }
  async write(values: TrainingValues): Promise<void> {
    this.values = values;
  }
  async dispose(): Promise<void> {
    this.log.push('disposed');
  }
}

async function open(options: object = {}) {
  let recorder: Recorder | undefined;
  const session = await openSession('test:cpu', model(), { batchSize: 2, ...options }, async (plan) => {
    recorder = new Recorder(plan);
    return recorder;
  });
  return { session, recorder: recorder! };
}

describe('openSession', () => {
  it('gives the computation the weights of the model, and zero slots', async () => {
    const { recorder } = await open();
    const { parameters, slots } = recorder.values!;
    expect(parameters.map(({ length }) => length)).toEqual([8, 2]);
    expect(parameters[0]!.some((value) => value !== 0)).toBe(true);
    expect(Object.keys(slots)).toEqual(['m', 'v']);
    expect(slots.m![0]!.every((value) => value === 0)).toBe(true);
  });

  it('smooths labels, and takes distributions in their place', async () => {
    const { session, recorder } = await open({ loss: { kind: 'softmaxCrossEntropy', labelSmoothing: 0.2 } });
    await session.step(batch(), hyper);
    expect(Array.from(recorder.targets, (value) => value.toFixed(2))).toEqual([
      '0.90',
      '0.10',
      '0.10',
      '0.90',
    ]);
    const targets = ndarray(Float32Array.of(0.5, 0.5, 1, 0), [2, 2]);
    await session.step({ images: batch().images, targets }, hyper);
    expect(Array.from(recorder.targets, (value) => value.toFixed(2))).toEqual([
      '0.50',
      '0.50',
      '0.90',
      '0.10',
    ]);
  });

  it('reads each batch before the call returns, also when a step is under way', async () => {
    const { session, recorder } = await open();
    const first = batch(1);
    const second = batch(2);
    const steps = [session.step(first, hyper), session.step(second, hyper)];
    first.images.data.fill(9);
    second.images.data.fill(9);
    await Promise.all(steps);
    expect(recorder.seen.map(([value]) => value)).toEqual([1, 2]);
  });

  it('a signal rejects what waits, waits for what computes, and frees it once', async () => {
    const controller = new AbortController();
    const { session, recorder } = await open({ signal: controller.signal });
    let release = () => {};
    recorder.hold = new Promise((resolve) => {
      release = resolve;
    });
    const running = session.step(batch(), hyper);
    const waiting = session.step(batch(), hyper);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    for (const call of [running, waiting, session.state()]) {
      await expect(call).rejects.toMatchObject({ code: 'SESSION_CLOSED', cause: new Error('enough') });
    }
    expect(recorder.log).toEqual(['step 1 of 2']);
    release();
    await session.dispose();
    await session.dispose();
    expect(recorder.log).toEqual(['step 1 of 2', 'done 1', 'disposed']);
  });

  it('an aborted signal opens nothing, and a session that ended keeps no listener', async () => {
    await expect(open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    const { session } = await open({ signal });
    await session.dispose();
    expect(listeners).toBe(0);
  });

  it('frees the computation when the model cannot be read into it', async () => {
    let disposed = false;
    const broken = openSession('test:cpu', model(), { batchSize: 2 }, async (plan) => {
      const recorder = new Recorder(plan);
      recorder.write = () => Promise.reject(new Error('no memory'));
      recorder.dispose = async () => {
        disposed = true;
      };
      return recorder;
    });
    await expect(broken).rejects.toThrow('no memory');
    expect(disposed).toBe(true);
  });
});
