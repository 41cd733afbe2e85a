import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bestEngine,
  type Engine,
  type EngineCandidate,
  EngineError,
  type TrainingSession,
} from '../src/index.js';

beforeAll(() => tf.setBackend('cpu'));
const model = sequential({ layers: [layers.flatten({ inputShape: [2, 2, 1] }), layers.dense({ units: 2 })] });

/** Takes so many milliseconds a step; `cannot` is the reason why it does not open the net. */
function fake(
  name: string,
  milliseconds: number,
  cannot?: string,
): Engine & { opened: number; disposed: number } {
  const engine = {
    name,
    opened: 0,
    disposed: 0,
    async open() {
      if (cannot) throw new EngineError('UNSUPPORTED_LAYER', cannot);
      engine.opened++;
      return {
        computedBy: name,
        async step() {
          await new Promise((resolve) => setTimeout(resolve, milliseconds));
          return { loss: 1 };
        },
        predict: async () => ndarray(new Float32Array(0), [0, 2]),
        async dispose() {
          engine.disposed++;
        },
      } as unknown as TrainingSession;
    },
  };
  return engine;
}
const candidate = (engine: Engine, device: 'cpu' | 'gpu' = 'cpu'): EngineCandidate => ({
  name: engine.name,
  device,
  probe: async () => ({ ready: true, engine, detail: 'found' }),
});
const missing = (name: string): EngineCandidate => ({
  name,
  device: 'gpu',
  probe: async () => ({ ready: false, reason: 'no driver', remedy: 'apt install it' }),
});
const from = (...candidates: EngineCandidate[]) => [{ engineCandidates: () => candidates }];

describe('bestEngine', () => {
  it('takes the fastest that can train the net, says why, and closes what it opened', async () => {
    const [slow, fast, unfit] = [fake('a:cpu', 30), fake('b:cpu', 3), fake('c:cpu', 0, 'no convolutions')];
    const best = await bestEngine({
      from: from(missing('d:gpu'), candidate(slow), candidate(fast), candidate(unfit)),
      model,
    });
    expect(best.engine).toBe(fast);
    expect(best.why).toMatch(/^b:cpu \(found\): \d+(\.\d)? ms a step, fastest of 2 \(a:cpu \d/);
    expect(best.verdicts.map(({ name, ready }) => [name, ready])).toEqual([
      ['d:gpu', false],
      ['a:cpu', true],
      ['b:cpu', true],
      ['c:cpu', false],
    ]);
    expect(best.verdicts[3]!.reason).toBe('cannot train this net: no convolutions');
    for (const engine of [slow, fast]) expect(engine.disposed).toBe(engine.opened);
  });

  it('without a net takes a GPU before a processor, else the first', async () => {
    const [cpu, gpu] = [fake('a:cpu', 1), fake('b:gpu', 1)];
    expect((await bestEngine({ from: from(candidate(cpu), candidate(gpu, 'gpu')) })).engine).toBe(gpu);
    expect((await bestEngine({ from: from(candidate(cpu), missing('b:gpu')) })).why).toMatch(
      /the first of 2/,
    );
  });

  it('a package that is not installed is a reason, not a failure', async () => {
    const cpu = fake('a:cpu', 1);
    const best = await bestEngine({
      from: [() => import('@mnist/not-there' as string), ...from(candidate(cpu))],
    });
    expect(best.engine).toBe(cpu);
    expect(best.verdicts[0]).toMatchObject({ ready: false });
    expect(best.verdicts[0]!.reason).toMatch(/not-there/);
  });

  it('lists every candidate with its reason and remedy when none is ready', async () => {
    const attempt = bestEngine({
      from: from(missing('a:gpu'), candidate(fake('b:cpu', 1, 'no pooling'))),
      model,
    });
    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', kind: 'environment' });
    await expect(attempt).rejects.toThrow(
      /a:gpu: no driver \(apt install it\)\n {2}b:cpu: cannot train this net: no pooling/,
    );
  });

  it('times each candidate inside `alone`, whose own failure is no verdict on an engine', async () => {
    const [cpu, gpu] = [fake('a:cpu', 1), fake('b:gpu', 1)];
    const asked: string[] = [];
    const options = { from: from(candidate(cpu), candidate(gpu, 'gpu')), model };
    const alone = async <T>({ name }: EngineCandidate, time: () => Promise<T>) => {
      asked.push(name);
      return time();
    };
    const { verdicts } = await bestEngine({ ...options, alone });
    expect(asked).toEqual(['a:cpu', 'b:gpu']);
    expect(verdicts.every(({ secondsPerStep }) => secondsPerStep! > 0)).toBe(true);
    await bestEngine({ ...options, alone, measure: false });
    expect(asked).toHaveLength(2);
    const taken = bestEngine({
      ...options,
      alone: () => Promise.reject(new Error('the line for the GPU is not writable')),
    });
    await expect(taken).rejects.toThrow('the line for the GPU is not writable');
  });
});
