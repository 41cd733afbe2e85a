import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { availableProviders, engineCandidates, onnxEngine } from '../src/index.js';

// onnxruntime-node picks its library by these two when it is first imported: it must not have been in this process.
const platform = { platform: 'darwin', arch: 'x64' } as const;
const genuine = { platform: process.platform, arch: process.arch };
beforeEach(() => describeMachine(platform));
afterEach(() => describeMachine(genuine));

function describeMachine(machine: { platform: string; arch: string }): void {
  for (const [key, value] of Object.entries(machine)) Object.defineProperty(process, key, { value });
}

const model = () =>
  sequential({ layers: [layers.flatten({ inputShape: [3, 3, 1] }), layers.dense({ units: 2 })] });

/** The machine, what the library itself said of it, where there are libraries, and what trains there instead. */
const explained =
  /^onnxruntime-node cannot be loaded on darwin-x64 \(Cannot find module .*darwin\/x64\/onnxruntime_binding\.node.*for macOS on arm64.*train with @mnist\/native or @mnist\/tfjs\.$/s;

test.each([
  ['open', () => onnxEngine().open(model(), { batchSize: 2 })],
  ['lowering', () => onnxEngine().lowering()],
  ['availableProviders', () => availableProviders()],
])('on an Intel Mac %s says that there is no library, and what trains there', async (_, call) => {
  await expect(call()).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringMatching(explained),
  });
});

test('bestEngine is told the same of the processor, and of CUDA that it is for Linux', async () => {
  const [, cuda, cpu] = engineCandidates();
  expect(await cpu!.probe()).toEqual({ ready: false, reason: expect.stringMatching(explained) });
  expect(await cuda!.probe()).toEqual({
    ready: false,
    reason: 'onnxruntime-node has CUDA for linux-x64, not for darwin-x64',
  });
});

test('the README says so too', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');
  expect(readme).toMatch(/none for Intel Macs\W+train there with `@mnist\/native` or `@mnist\/tfjs`/);
});
