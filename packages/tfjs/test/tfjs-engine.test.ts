import '@tensorflow/tfjs-backend-cpu';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import util from 'node:util';
import { EngineError } from '@mnist/engine';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadTfjsNode, tfjsEngine } from '../src/index.js';
import { stateBytes, tinyBatch, tinyNet, weightsOf } from './_tiny.js';

const engine = tfjsEngine({ backend: 'cpu' });
const hyper = { learningRate: 1e-2, momentum: 0.9, weightDecay: 0.1 };

describe('memory', () => {
  it.each(['adam', 'sgd'] as const)('is flat over steps, predictions and states (%s)', async (kind) => {
    const net = tinyNet();
    const empty = tf.memory();
    const session = await engine.open(net, { batchSize: 4, optimizer: { kind } });
    const use = async (step: number) => {
      await session.step(tinyBatch(4, step), hyper);
      await session.predict(tinyBatch(7, step).images);
      await session.restore(await session.state());
      await session.writeBack();
    };
    await use(0);
    const { numTensors, numBytes } = tf.memory();
    for (let step = 1; step < 20; step++) await use(step);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    await session.dispose();
    expect(tf.memory()).toMatchObject({ numTensors: empty.numTensors, numBytes: empty.numBytes });
  });

  it('is freed when open refuses a model, and when a step is refused', async () => {
    const bad = sequential({ layers: [layers.flatten({ inputShape: [4, 4, 1] }), layers.softmax()] });
    const net = tinyNet();
    const session = await engine.open(net, { batchSize: 4 });
    const { numTensors } = tf.memory();
    await expect(engine.open(bad, { batchSize: 4 })).rejects.toThrow(EngineError);
    await expect(session.step(tinyBatch(5, 1), hyper)).rejects.toThrow(EngineError);
    expect(tf.memory().numTensors).toBe(numTensors);
    await session.dispose();
  });
});

describe('the batch belongs to the caller', () => {
  it('a buffer that is overwritten after the step changes nothing', async () => {
    const run = async (overwrite: boolean) => {
      const session = await engine.open(tinyNet(), { batchSize: 4 });
      for (let step = 0; step < 3; step++) {
        const batch = tinyBatch(4, step);
        const done = session.step(batch, hyper);
        if (overwrite) batch.images.data.fill(9);
        await done;
        batch.labels.data.fill(2);
      }
      const state = stateBytes(await session.state());
      await session.dispose();
      return state;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('models', () => {
  it('of several inputs to one layer, nested and frozen parts train, frozen weights stay', async () => {
    const image = input({ shape: [4, 4, 1] });
    const inner = sequential({
      layers: [
        layers.conv2d({
          inputShape: [4, 4, 1],
          filters: 2,
          kernelSize: 3,
          padding: 'same',
          name: 'inner_conv',
        }),
        layers.batchNormalization({ name: 'inner_norm' }),
      ],
    });
    const frozen = layers.conv2d({ filters: 2, kernelSize: 1, name: 'frozen', trainable: false });
    const sum = layers
      .add()
      .apply([inner.apply(image) as SymbolicTensor, frozen.apply(image) as SymbolicTensor]);
    const flat = layers.flatten().apply(sum as SymbolicTensor) as SymbolicTensor;
    const net = model({ inputs: image, outputs: layers.dense({ units: 3 }).apply(flat) as SymbolicTensor });
    const before = weightsOf(net);
    const session = await engine.open(net, { batchSize: 4 });
    const { loss } = await session.step(tinyBatch(4, 1), hyper);
    expect(loss).toBeGreaterThan(0);
    await session.writeBack();
    await session.dispose();
    const after = weightsOf(net);
    for (const [i, { originalName }] of net.weights.entries()) {
      if (originalName.startsWith('frozen')) expect(after[i]).toEqual(before[i]);
      else if (!originalName.endsWith('bias')) expect(after[i], originalName).not.toEqual(before[i]);
    }
  });

  it('refuses a batch normalisation without scale, which tfjs-layers cannot train', async () => {
    const net = sequential({
      layers: [
        layers.flatten({ inputShape: [4, 4, 1] }),
        layers.batchNormalization({ scale: false }),
        layers.dense({ units: 3 }),
      ],
    });
    const attempt = engine.open(net, { batchSize: 4 });
    await expect(attempt).rejects.toMatchObject({ code: 'UNSUPPORTED_LAYER' });
    await expect(attempt).rejects.toThrow(/without center and scale/);
  });
  it('takes a softmax output under the mean squared error', async () => {
    const net = sequential({
      layers: [layers.flatten({ inputShape: [4, 4, 1] }), layers.dense({ units: 3, activation: 'softmax' })],
    });
    const session = await engine.open(net, { batchSize: 4, loss: { kind: 'meanSquaredError' } });
    const { loss } = await session.step(tinyBatch(4, 1), hyper);
    expect(loss).toBeLessThan(1);
    await session.dispose();
  });
  it('predicts nothing for no images', async () => {
    const session = await engine.open(tinyNet(), { batchSize: 4 });
    const logits = await session.predict(ndarray(new Float32Array(0), [0, 4, 4, 1]));
    expect(logits.shape).toEqual([0, 3]);
    await session.dispose();
  });
});

describe('backends', () => {
  afterEach(() => void tf.setBackend('cpu'));
  const copyOfCpu = (name: string) => {
    tf.registerBackend(name, tf.findBackendFactory('cpu'));
    tf.copyRegisteredKernels('cpu', name);
  };

  it('names the registered ones when it is asked for another', () => {
    expect(() => tfjsEngine({ backend: 'webgpu' })).toThrow(/'webgpu' is not registered \(registered: cpu/);
    expect(() => tfjsEngine({ backend: 'webgpu' })).toThrow(EngineError);
  });
  it('refuses unknown options', () => {
    expect(() => tfjsEngine({ device: 'cpu' } as never)).toThrow(/unknown option "device"/);
  });
  it('names the missing kernel of a backend that cannot train, such as wasm', async () => {
    copyOfCpu('forward-only');
    tf.unregisterKernel('Conv2DBackpropFilter', 'forward-only');
    const attempt = tfjsEngine({ backend: 'forward-only' }).open(tinyNet(), { batchSize: 4 });
    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await expect(attempt).rejects.toThrow(/'Conv2DBackpropFilter', which layer 'conv'/);
  });
  it('says when a registered backend does not start', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    tf.registerBackend('dead', () => {
      throw new Error('no device');
    });
    await expect(tfjsEngine({ backend: 'dead' }).open(tinyNet(), { batchSize: 4 })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
    });
    tf.removeBackend('dead');
    warn.mockRestore();
  });
  it('keeps its backend when others switch the global one between steps', async () => {
    copyOfCpu('elsewhere');
    const session = await engine.open(tinyNet(), { batchSize: 4 });
    await tf.setBackend('elsewhere');
    await session.step(tinyBatch(4, 1), hyper);
    expect(tf.getBackend()).toBe('cpu');
    await session.dispose();
  });
});

describe('loadTfjsNode', () => {
  afterEach(() => void tf.setBackend('cpu'));

  it('names the command that installs what is missing', async () => {
    const importModule = () => Promise.reject(new Error('Cannot find package'));
    const attempt = loadTfjsNode({ importModule });
    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await expect(attempt).rejects.toThrow(
      /tfjs-node-gpu: Cannot find package.*npm install @tensorflow\/tfjs-node@\^4\.22\.0/,
    );
  });
  it.each([
    [undefined, 'true'],
    ['false', 'false'],
  ])('leaves memory of a GPU to other processes, unless the user has decided (%s)', async (before, seen) => {
    vi.stubEnv('TF_FORCE_GPU_ALLOW_GROWTH', before);
    let found: string | undefined;
    const importModule = async () => {
      found = process.env.TF_FORCE_GPU_ALLOW_GROWTH;
      throw new Error('no such package');
    };
    await expect(loadTfjsNode({ importModule })).rejects.toThrow(/no such package/);
    expect(found).toBe(seen);
    vi.unstubAllEnvs();
  });
  it('restores what Node 23 removed before the package loads, and activates the backend', async () => {
    const { isArray, isNullOrUndefined } = util as unknown as Record<string, unknown>;
    Object.assign(util, { isArray: undefined, isNullOrUndefined: undefined });
    const asked: string[] = [];
    const name = await loadTfjsNode({
      importModule: async (specifier) => {
        asked.push(specifier);
        if (specifier.endsWith('gpu')) throw new Error('no CUDA');
        const found = util as unknown as Record<string, (value: unknown) => boolean>;
        expect(found.isNullOrUndefined!(null)).toBe(true);
        expect(found.isArray!([])).toBe(true);
        tf.registerBackend('tensorflow', tf.findBackendFactory('cpu'));
      },
    });
    expect(asked).toEqual(['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']);
    expect(name).toBe('@tensorflow/tfjs-node');
    expect(tf.getBackend()).toBe('tensorflow');
    tf.removeBackend('tensorflow');
    Object.assign(util, { isArray, isNullOrUndefined });
  });
  it('finds out when the package brought its own copy of tfjs-core', async () => {
    await expect(loadTfjsNode({ build: 'cpu', importModule: async () => ({}) })).rejects.toThrow(
      /another copy of @tensorflow\/tfjs-core/,
    );
  });
  it.each(['option', 'variable'])('takes the package from the folder that its %s names', async (way) => {
    const folder = mkdtempSync(join(tmpdir(), 'mnist-tfjs-node-'));
    const place = join(folder, 'node_modules/@tensorflow/tfjs-node');
    mkdirSync(place, { recursive: true });
    const core = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core');
    writeFileSync(
      join(place, 'index.js'),
      `const tf = require(${JSON.stringify(core)});
      tf.registerBackend('tensorflow', tf.findBackendFactory('cpu'));
      globalThis.tfjsNodeLoaded = __filename;`,
    );
    if (way === 'variable') vi.stubEnv('MNIST_TFJS_NODE_FOLDER', folder);
    const name = await loadTfjsNode({ build: 'cpu', folder: way === 'option' ? folder : undefined }).finally(
      () => {
        vi.unstubAllEnvs();
        rmSync(folder, { recursive: true });
      },
    );
    expect(name).toBe('@tensorflow/tfjs-node');
    expect(globalThis).toMatchObject({ tfjsNodeLoaded: expect.stringContaining(basename(folder)) });
  });

  it('names the folder that holds no package', async () => {
    await expect(loadTfjsNode({ folder: '/misspelt' })).rejects.toThrow(/loaded from .*misspelt/);
  });
  it('refuses a build that is none', async () => {
    await expect(loadTfjsNode({ build: 'tpu' as never })).rejects.toThrow(/build is "tpu"/);
  });
});
