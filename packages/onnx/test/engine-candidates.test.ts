import '@tensorflow/tfjs-backend-cpu';
import { existsSync, readdirSync } from 'node:fs';
import { bestEngine } from '@mnist/engine';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import * as onnx from '../src/index.js';

const { engineCandidates } = onnx;

test('GPUs come before the processor, under the names that their engines have', async () => {
  const found = engineCandidates({ threads: 2 });
  expect(found.map(({ name, device }) => `${name} ${device}`)).toEqual([
    'onnx:webgpu gpu',
    'onnx:cuda gpu',
    'onnx:cpu cpu',
  ]);
  const cpu = await found[2]!.probe();
  expect(cpu).toMatchObject({ ready: true, engine: { name: 'onnx:cpu' } });
});

const devices = ['/dev', '/dev/dri'].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
const bare = process.platform === 'linux' && !devices.some((name) => /^(renderD|nvidia\d|dxg)/.test(name));
if (!bare) console.log('skipped: the reasons of a machine without a GPU need Linux without a GPU');

test.skipIf(!bare)(
  'a machine without a GPU is told so, also where software offers a Vulkan device',
  async () => {
    const [webgpu, cuda] = engineCandidates();
    expect(await webgpu!.probe()).toEqual({
      ready: false,
      reason: 'no GPU: /dev has no dri/renderD*, nvidia* or dxg',
    });
    expect(await cuda!.probe()).toMatchObject({
      ready: false,
      reason: expect.stringMatching(/^no NVIDIA GPU/),
    });
    const { engine } = await bestEngine({ from: [onnx] });
    expect(engine.name).toBe('onnx:cpu');
  },
);

test.skipIf(!bare)(
  'an engine on a device that does not start says what it needs, before anything is computed',
  async () => {
    const model = sequential({
      layers: [layers.flatten({ inputShape: [3, 3, 1] }), layers.dense({ units: 2 })],
    });
    const opening = onnx.onnxEngine({ provider: 'cuda', worker: false }).open(model, { batchSize: 2 });
    await expect(opening).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/'cuda' does not start .*NVIDIA driver.*Use provider 'cpu'/),
    });
  },
);
