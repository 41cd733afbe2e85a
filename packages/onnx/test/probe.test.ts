import { describe, expect, test } from 'vitest';
import { chooseLowering } from '../src/choose-lowering.js';
import { importOnnxRuntime, type Runtime } from '../src/import-onnx-runtime.js';
import { checkEngineOptions } from '../src/onnx-engine-options.js';
import { loadOnnxRuntime } from '../src/onnx-runtime.js';

const runtime = await importOnnxRuntime();
const { InferenceSession } = runtime;

/** An ONNX Runtime that treats models with internal blocked operators in its own way. */
function runtimeWith(onBlocked: (model: Uint8Array, options: object) => Promise<unknown>): Runtime {
  const create = (model: Uint8Array, options: object) =>
    Buffer.from(model).includes('com.microsoft.nchwc')
      ? onBlocked(model, options)
      : InferenceSession.create(model, options);
  return { ...runtime, InferenceSession: { create } } as unknown as Runtime;
}

const refusing = () =>
  runtimeWith(() => Promise.reject(new Error('com.microsoft.nchwc is not a registered domain')));

/** Computes everything, but the gradient of one parameter is off by a little. */
const wrong = () =>
  runtimeWith(async (model, options) => {
    const session = await InferenceSession.create(model, options);
    return {
      release: () => session.release(),
      async run(...args: [never, never]) {
        const results = await session.run(...args);
        const gradient = results.gradient?.data as Float32Array | undefined;
        if (gradient) gradient[5]! += 0.01;
        return results;
      },
    };
  });

const settings = (options: object = {}) => {
  const notices: string[] = [];
  return {
    notices,
    ...checkEngineOptions({ onNotice: (message: string) => notices.push(message), ...options }),
  };
};

describe('the start-up probe', () => {
  test('chooses the blocked lowering where it is right', async () => {
    const given = settings();
    const chosen = await chooseLowering(runtime, given);
    expect(chosen.lowering).toBe('blocked');
    expect([8, 16]).toContain(chosen.block);
    expect(given.notices).toEqual([]);
  });

  test('falls back and says so where ONNX Runtime refuses the operators', async () => {
    const given = settings();
    const chosen = await chooseLowering(refusing(), given);
    expect(chosen.lowering).toBe('portable');
    expect(given.notices).toEqual([
      'using the portable lowering: this ONNX Runtime refuses the blocked operators ' +
        '(com.microsoft.nchwc is not a registered domain)',
    ]);
  });

  test('falls back where the numbers are wrong', async () => {
    const chosen = await chooseLowering(wrong(), settings());
    expect(chosen.lowering).toBe('portable');
    expect(chosen.reason).toMatch(/gradients differ by/);
  });

  test('a forced blocked lowering is an error there, never a wrong number', async () => {
    await expect(chooseLowering(refusing(), settings({ lowering: 'blocked' }))).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/refuses the blocked operators.*use lowering 'auto' or 'portable'/),
    });
  });

  test('a provider that the build lacks is named with those it has', async () => {
    const provider = process.platform === 'win32' ? 'coreml' : 'dml';
    await expect(chooseLowering(runtime, settings({ provider }))).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/has: cpu/),
    });
  });
});

test('a native library that cannot be loaded is a typed error with a remedy', async () => {
  const missing = () => Promise.reject(new Error("Cannot find module 'onnxruntime-node'"));
  await expect(loadOnnxRuntime(missing)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringMatching(/Cannot find module.*npm install onnxruntime-node@.*@mnist\/tfjs/),
  });
});
