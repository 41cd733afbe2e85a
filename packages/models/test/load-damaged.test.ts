import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compactNet, loadModel, ModelError, type ModelErrorCode, saveModel } from '../src/index.js';

let dir: string;
let json: string;
let weights: Buffer;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'models-'));
  await saveModel(compactNet({ widths: [2, 3, 4], seed: 1 }), dir);
  json = await readFile(join(dir, 'model.json'), 'utf8');
  weights = await readFile(join(dir, 'weights.bin'));
});
afterEach(() => rm(dir, { recursive: true }));

const expectError = (code: ModelErrorCode, text: RegExp) =>
  expect(loadModel(dir)).rejects.toThrow(
    expect.objectContaining({ name: 'ModelError', code, message: expect.stringMatching(text) }) as Error,
  );

/** Puts `change(model.json as an object)` in its place, without checksums: as a file that tfjs itself has written. */
async function edit(change: (file: ReturnType<typeof JSON.parse>) => void): Promise<void> {
  const file = JSON.parse(json);
  delete file.structureSha256;
  delete file.weightsManifest[0].sha256;
  change(file);
  await writeFile(join(dir, 'model.json'), JSON.stringify(file));
}

describe('missing', () => {
  it('folder', async () => {
    await expect(loadModel(join(dir, 'nowhere'))).rejects.toThrow(
      expect.objectContaining({
        code: 'FILE_MISSING',
        message: expect.stringMatching(/nowhere.model\.json cannot be read/),
      }) as Error,
    );
  });

  it.each(['model.json', 'weights.bin'])('%s', async (name) => {
    await rm(join(dir, name));
    await expectError('FILE_MISSING', new RegExp(`${name} cannot be read \\(ENOENT`));
  });

  it('name of the folder', async () => {
    await expect(loadModel(undefined as unknown as string)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }) as Error,
    );
  });
});

describe('weights.bin', () => {
  it('truncated', async () => {
    await writeFile(join(dir, 'weights.bin'), weights.subarray(0, 100));
    await expectError('FILE_CORRUPT', /weights\.bin.*truncated, 100 bytes, expected \d+ bytes/);
  });

  it('empty', async () => {
    await writeFile(join(dir, 'weights.bin'), '');
    await expectError('FILE_CORRUPT', /truncated, 0 bytes/);
  });

  it('too long', async () => {
    await writeFile(join(dir, 'weights.bin'), Buffer.concat([weights, Buffer.alloc(1)]));
    await expectError('FILE_CORRUPT', /too long/);
  });

  it('any single bit changed (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(weights.length * 8 - 1), async (bit) => {
        const changed = Buffer.from(weights);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        await writeFile(join(dir, 'weights.bin'), changed);
        await expectError('FILE_CORRUPT', /its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}/);
      }),
      { numRuns: 20 },
    );
  });
});

describe('model.json', () => {
  it.each([
    ['empty', '', /not JSON/],
    ['an HTML page', '<!doctype html><title>404</title>', /not JSON/],
    ['null', 'null', /no modelTopology/],
    ['a list', '[]', /no modelTopology/],
    ['without weights', '{"modelTopology":{}}', /weightsManifest is missing or malformed/],
    [
      'without weight files',
      '{"modelTopology":{},"weightsManifest":[{"paths":[],"weights":[]}]}',
      /malformed/,
    ],
  ])('%s', async (_, text, message) => {
    await writeFile(join(dir, 'model.json'), text);
    await expectError('FILE_CORRUPT', message);
  });

  it('truncated', async () => {
    await writeFile(join(dir, 'model.json'), json.slice(0, json.length / 2));
    await expectError('FILE_CORRUPT', /model\.json.*not JSON.*Restore the folder/);
  });

  it.each(['../weights.bin', '/etc/passwd', 'C:\\weights.bin', '..', 'https://example.org/w.bin'])(
    'weights outside its folder: %s',
    async (path) => {
      await edit((file) => {
        file.weightsManifest[0].paths = [path];
      });
      await expectError('FILE_CORRUPT', /a file name within the same folder/);
    },
  );

  it('a shape that does not match the weights', async () => {
    await edit((file) => file.weightsManifest[0].weights[0].shape.push(2));
    await expectError('FILE_CORRUPT', /truncated/);
  });

  it('quantised weights', async () => {
    await edit((file) => {
      file.weightsManifest[0].weights[0].quantization = { dtype: 'uint8', min: 0, scale: 1 };
    });
    await expectError('FILE_CORRUPT', /'stage1_conv\/kernel' is quantised float32/);
  });

  it('a layer class that is not registered', async () => {
    await edit((file) => {
      file.modelTopology.config.layers[1].class_name = 'MyConv';
    });
    await expectError('MODEL_UNREADABLE', /MyConv.*registerClass/s);
  });

  it('a weight that the net does not have', async () => {
    await edit((file) => {
      file.weightsManifest[0].weights[0].name = 'other/kernel';
    });
    await expectError('MODEL_UNREADABLE', /other\/kernel|stage1_conv\/kernel/);
  });

  it('a damaged structure that would still load', async () => {
    const damaged = json.replace('"epsilon":0.00001', '"epsilon":0.00003');
    expect(damaged).not.toBe(json);
    await writeFile(join(dir, 'model.json'), damaged);
    await expectError('FILE_CORRUPT', /SHA-256 of its topology and weights list/);
  });

  // Without its own check, loadModel would hang here: tfjs waits for ever for the missing layer.
  it.each([
    ['a missing layer', 'block1_bm', 0],
    ['a call that was never made', 'block1_bn', 1],
    ['itself', 'block1_conv', 0],
    ['a later layer', 'logits', 0],
  ])('a layer that takes %s', async (_, name, node) => {
    await edit((file) => {
      const layers: { name: string; inbound_nodes: unknown }[] = file.modelTopology.config.layers;
      layers.find((layer) => layer.name === 'block1_conv')!.inbound_nodes = [[[name, node, 0, {}]]];
    });
    await expectError('FILE_CORRUPT', /'block1_conv' takes \[\["\w+",\d\]\], which nothing gives/);
  });

  it('any bytes, any JSON, any cut or changed character: a typed error or a model (fuzz)', async () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .tuple(fc.nat(json.length - 1), fc.nat(20), fc.string({ maxLength: 5 }))
        .map(([at, cut, insert]) => json.slice(0, at) + insert + json.slice(at + cut)),
    );
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        await writeFile(join(dir, 'model.json'), text);
        const outcome = await loadModel(dir).catch((error) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ModelError);
        else outcome.dispose();
      }),
      { numRuns: 300 },
    );
  });
});
