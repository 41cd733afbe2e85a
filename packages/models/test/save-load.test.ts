import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { io, type Tensor, tensor } from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  loadLayersModel,
  model,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildModel, compactNet, loadModel, type ModelName, modelZoo, saveModel } from '../src/index.js';
import { weightBits } from './support/weights.js';

const small = (seed: number) => compactNet({ widths: [2, 3, 4], seed });
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'models-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('round trip', () => {
  it.each(Object.keys(modelZoo) as ModelName[])('%s, bit for bit', async (name) => {
    const net = buildModel(name, { seed: 9 });
    await saveModel(net, dir);
    const loaded = await loadModel(dir);
    expect(weightBits(loaded)).toEqual(weightBits(net));
    expect(loaded.toJSON(null, false)).toEqual(net.toJSON(null, false));
    net.dispose();
    loaded.dispose();
  });

  it('keeps NaN payloads, infinities, denormals and -0', async () => {
    const net = sequential({ layers: [layers.dense({ units: 5, inputShape: [1], useBias: false })] });
    net.setWeights([tensor([Number.NaN, Number.POSITIVE_INFINITY, 1e-45, -0, 3.4e38], [1, 5])]);
    await saveModel(net, dir);
    expect(Object.values(weightBits(await loadModel(dir)))).toEqual(Object.values(weightBits(net)));
  });

  it('keeps metadata of the user, also when tfjs saves the loaded model again', async () => {
    const net = small(1);
    net.setUserDefinedMetadata({ trainedOn: { name: 'mnist' } });
    await saveModel(net, dir);
    const loaded = await loadModel(dir);
    expect(loaded.getUserDefinedMetadata()).toEqual({ trainedOn: { name: 'mnist' } });
    loaded.layers
      .find((layer) => layer.name === 'logits')!
      .setWeights(small(2).getLayer('logits').getWeights());
    await saveModel(loaded, dir);
    expect(weightBits(await loadModel(dir))).toEqual(weightBits(loaded));
  });

  it('predicts the same', async () => {
    const net = small(3);
    await saveModel(net, dir);
    const images = tensor(
      Float32Array.from({ length: 784 }, (_, i) => Math.cos(i)),
      [1, 28, 28, 1],
    );
    const logits = async (model: typeof net) => [...(await (model.predict(images) as Tensor).data())];
    expect(await logits(await loadModel(dir))).toEqual(await logits(net));
  });
});

it('keeps shared layers and nested models', async () => {
  const shared = layers.dense({ name: 'shared', units: 3 });
  const part = sequential({
    name: 'part',
    layers: [layers.dense({ name: 'inner', units: 3, inputShape: [3] })],
  });
  const inner = compactNet({ widths: [2, 2, 2], inputShape: [4, 4, 1] });
  const [a, b] = [input({ name: 'a', shape: [3] }), input({ name: 'b', shape: [4, 4, 1] })];
  const twice = part.apply(shared.apply(shared.apply(a))) as SymbolicTensor;
  const net = model({ inputs: [a, b], outputs: [twice, inner.apply(b) as SymbolicTensor] });
  await saveModel(net, dir);
  expect(weightBits(await loadModel(dir))).toEqual(weightBits(net));
});

it('takes file: URLs and the path of model.json itself', async () => {
  const net = small(4);
  const folder = join(dir, 'a net');
  await saveModel(net, pathToFileURL(folder).href);
  expect(await readdir(folder)).toContain('model.json');
  expect(await readdir(dir)).toEqual(['a net']);
  const places = [folder, `${folder}/`, join(folder, 'model.json'), pathToFileURL(folder).href];
  for (const place of places) expect(weightBits(await loadModel(place))).toEqual(weightBits(net));
});

it('loads over HTTP, and refuses to save there', async () => {
  const net = small(4);
  await saveModel(net, dir);
  const server = createServer(async (request, response) => {
    const name = basename(request.url!);
    if (request.url!.startsWith('/nets/7/')) response.end(await readFile(join(dir, name)));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(weightBits(await loadModel(`${base}/nets/7`))).toEqual(weightBits(net));
    expect(weightBits(await loadModel(`${base}/nets/7/model.json`))).toEqual(weightBits(net));
    await expect(loadModel(`${base}/nets/8`)).rejects.toMatchObject({ code: 'FILE_MISSING' });
  } finally {
    server.close();
  }
  await expect(saveModel(net, `${base}/nets/9`)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  await expect(saveModel(net, 'indexeddb://net')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

it("is read by a browser's tf.loadLayersModel over HTTP", async () => {
  const net = small(4);
  await saveModel(net, dir);
  const fetchFunc = async (url: string) => new Response(await readFile(join(dir, basename(url))));
  const handler = io.http('https://example.org/nets/7/model.json', { fetchFunc: fetchFunc as typeof fetch });
  expect(weightBits(await loadLayersModel(handler))).toEqual(weightBits(net));
});

it('writes two files, with the SHA-256 of the weights in model.json', async () => {
  await saveModel(small(1), join(dir, 'deeper', 'folder'));
  const folder = join(dir, 'deeper', 'folder');
  expect((await readdir(folder)).sort()).toEqual(['model.json', 'weights.bin']);
  const { format, weightsManifest } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  const sha256 = createHash('sha256')
    .update(await readFile(join(folder, 'weights.bin')))
    .digest('hex');
  expect(format).toBe('layers-model');
  expect(weightsManifest).toHaveLength(1);
  expect(weightsManifest[0]).toMatchObject({ paths: ['weights.bin'], sha256 });
});

it('leaves other files of the folder alone, those with similar names too', async () => {
  const others = ['config.json', 'weights-best.bin', 'model.json.bak', 'weights.bin.tmp'];
  for (const name of others) await writeFile(join(dir, name), 'mine');
  await saveModel(small(1), dir);
  await saveModel(small(2), dir);
  expect((await readdir(dir)).sort()).toEqual([...others, 'model.json', 'weights.bin'].sort());
});

it('reads what tfjs itself writes: several weight files and no checksum', async () => {
  const net = small(5);
  await net.save(
    io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = Buffer.from(weightData as ArrayBuffer);
      const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
      await writeFile(join(dir, paths[0]!), bytes.subarray(0, 101));
      await writeFile(join(dir, paths[1]!), bytes.subarray(101));
      const file = { modelTopology, weightsManifest: [{ paths, weights: weightSpecs }] };
      await writeFile(join(dir, 'model.json'), JSON.stringify(file));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  expect(weightBits(await loadModel(dir))).toEqual(weightBits(net));
});

it('always shows a reader one whole model while another is saved over it', async () => {
  const nets = [small(1), small(2)];
  const known = new Set(nets.map((net) => JSON.stringify(weightBits(net))));
  await saveModel(nets[0]!, dir);
  let writing = true;
  const writer = (async () => {
    for (let i = 1; i <= 30; i++) await saveModel(nets[i % 2]!, dir);
    writing = false;
  })();
  let reads = 0;
  for (; writing; reads++) expect(known).toContain(JSON.stringify(weightBits(await loadModel(dir))));
  await writer;
  expect(reads).toBeGreaterThan(5);
});

describe('a save that cannot be', () => {
  it('names the folder and keeps the system error', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(saveModel(small(1), join(dir, 'file', 'sub'))).rejects.toThrow(
      expect.objectContaining({
        code: 'SAVE_FAILED',
        message: expect.stringContaining(join(dir, 'file', 'sub')),
        cause: expect.objectContaining({ code: 'ENOTDIR' }),
      }) as Error,
    );
  });

  it('refuses what is no path and what is no living model', async () => {
    await expect(saveModel(small(1), '')).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }) as Error,
    );
    const disposed = small(1);
    disposed.dispose();
    for (const model of [disposed, {} as typeof disposed, undefined as unknown as typeof disposed]) {
      await expect(saveModel(model, dir)).rejects.toThrow(
        expect.objectContaining({ name: 'ModelError', code: 'SAVE_FAILED' }) as Error,
      );
    }
    expect(await readdir(dir)).toEqual([]);
  });
});
