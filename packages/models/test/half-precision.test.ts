import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, tensor } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compactNet, loadModel, saveModel } from '../src/index.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'models-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** Saves the values as the weights of a net in half precision and reads them back. */
async function throughHalves(values: Float32Array): Promise<Float32Array> {
  const net = sequential({
    layers: [layers.dense({ units: values.length, inputShape: [1], useBias: false })],
  });
  net.setWeights([tensor(values, [1, values.length])]);
  await saveModel(net, dir, { precision: 'float16' });
  const loaded = await loadModel(dir);
  const [weights] = loaded.getWeights();
  const result = (await weights!.data()) as Float32Array;
  net.dispose();
  loaded.dispose();
  return result;
}

/** Every finite half-precision number of one sign, in order, by the format's definition. */
const halves = Array.from({ length: 0x7c00 }, (_, bits) => {
  const exponent = bits >> 10;
  const fraction = bits & 1023;
  return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
});

describe('saveModel in half precision', () => {
  it('keeps every half-precision number of both signs', async () => {
    const values = Float32Array.from(halves.flatMap((half) => [half, -half]));
    const back = await throughHalves(values);
    expect(new Uint32Array(back.buffer, back.byteOffset, back.length)).toEqual(
      new Uint32Array(values.buffer),
    );
  });

  it('rounds to the nearest, ties to even', async () => {
    const values: number[] = [];
    const expected: number[] = [];
    for (let i = 0; i + 1 < halves.length; i += 7) {
      const [low, high] = [halves[i]!, halves[i + 1]!];
      const middle = (low + high) / 2;
      const nudge = (high - low) / 64;
      values.push(middle, middle - nudge, middle + nudge);
      expected.push(i % 2 === 0 ? low : high, low, high);
    }
    expect([...(await throughHalves(Float32Array.from(values)))]).toEqual(expected);
  });

  it('halves the file of a net, whose answers tfjs alone reads from it as well', async () => {
    const net = compactNet({ seed: 4, widths: [4, 8, 8] });
    await saveModel(net, dir);
    const full = (await stat(join(dir, 'weights.bin'))).size;
    await saveModel(net, dir, { precision: 'float16' });
    expect((await stat(join(dir, 'weights.bin'))).size).toBe(full / 2);
    const { weightsManifest } = JSON.parse(await readFile(join(dir, 'model.json'), 'utf8'));
    const bytes = await readFile(join(dir, 'weights.bin'));
    const decoded = io.decodeWeights(Uint8Array.from(bytes).buffer, weightsManifest[0].weights);
    const loaded = await loadModel(dir);
    for (const { name, val } of loaded.weights.map((weight) => ({
      name: weight.originalName,
      val: weight.read(),
    }))) {
      expect(await val.data()).toEqual(await decoded[name]!.data());
    }
    net.dispose();
    loaded.dispose();
  });

  it.each([65520, -1e6, Number.NaN, Number.POSITIVE_INFINITY])('refuses a weight of %s', async (value) => {
    await expect(throughHalves(Float32Array.of(1, value))).rejects.toMatchObject({
      code: 'SAVE_FAILED',
      message: expect.stringContaining('65,504'),
    });
  });

  it('notices a file that was cut short', async () => {
    await throughHalves(Float32Array.of(1, 2, 3));
    const { truncate } = await import('node:fs/promises');
    await truncate(join(dir, 'weights.bin'), 4);
    await expect(loadModel(dir)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });

  it('refuses another precision', async () => {
    const net = compactNet({ seed: 4, widths: [2, 2, 2] });
    await expect(saveModel(net, dir, { precision: 'float8' as 'float16' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    net.dispose();
  });
});
