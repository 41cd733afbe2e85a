import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { engineCandidates } from '../src/engine-candidates.js';

// Stands for a TensorFlow binding that loads: what it computes on is what its backend says.
vi.mock('../src/load-tfjs-node.js', () => ({
  loadTfjsNode: async ({ build }: { build: string }) => {
    tf.registerBackend('tensorflow', () => tf.findBackend('cpu'));
    await tf.setBackend('tensorflow');
    return build === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  },
}));
const device = (isUsingGpuDevice: boolean | undefined) =>
  Object.assign(tf.findBackend('cpu') as { isUsingGpuDevice?: boolean }, { isUsingGpuDevice });
afterEach(() => device(undefined));

describe('engineCandidates', () => {
  const [gpu, cpu] = engineCandidates();
  it.each([false, undefined])(
    'never calls a processor CUDA: the CUDA build with isUsingGpuDevice %s',
    async (on) => {
      await tf.setBackend('cpu');
      device(on);
      const probe = await gpu!.probe();
      expect(probe).toMatchObject({
        ready: false,
        reason: expect.stringMatching(/found no GPU that it can use/),
      });
      expect(await cpu!.probe()).toMatchObject({ ready: true, detail: '@tensorflow/tfjs-node' });
    },
  );
  it('takes the CUDA build that uses a GPU', async () => {
    await tf.setBackend('cpu');
    device(true);
    expect(await gpu!.probe()).toMatchObject({ ready: true, detail: '@tensorflow/tfjs-node-gpu' });
    expect([gpu, cpu].map((candidate) => candidate!.device)).toEqual(['gpu', 'cpu']);
  });
});
