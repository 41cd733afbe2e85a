import '@tensorflow/tfjs-backend-cpu';
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadModel } from '@mnist/models';
import { memory, ones, type Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, it, onTestFinished } from 'vitest';
import { committee, loadCommittee, loadNet } from '../src/index.js';

const nets = fileURLToPath(new URL('../nets', import.meta.url));
const { nets: members } = committee();
const [first, second] = members.map(({ name }) => name) as [string, string];

const logits = async (model: LayersModel) => [
  ...(await (model.predict(ones([1, 28, 28, 1])) as Tensor).data()),
];
const failure = (code: string, message: RegExp) =>
  expect.objectContaining({
    name: 'PretrainedError',
    code,
    message: expect.stringMatching(message),
  }) as Error;

/** A copy of the first two nets, to be damaged. */
async function copyOfNets(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pretrained-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of [first, second]) await cp(join(nets, name), join(folder, name), { recursive: true });
  return folder;
}

it('loads a net by its place and by its name: the one that another reader finds there', async () => {
  const other = await logits(await loadModel(join(nets, second)));
  expect(other.every(Number.isFinite)).toBe(true);
  expect(await logits(await loadNet(1))).toEqual(other);
  expect(await logits(await loadNet(second))).toEqual(other);
  expect(await logits(await loadNet(0))).not.toEqual(other);
  const distilled = await logits(await loadModel(join(nets, 'distilled-double')));
  expect(await logits(await loadNet('distilled-double'))).toEqual(distilled);
});

it('loads from another place: a path, with or without a slash at its end, and a file: URL', async () => {
  const folder = await copyOfNets();
  const expected = await logits(await loadNet(first));
  const { href, pathname } = pathToFileURL(folder);
  for (const from of [folder, `${folder}/`, href, `file:${pathname}`, `FILE:${pathname}/`]) {
    expect(await logits(await loadNet(first, { from })), from).toEqual(expected);
  }
});

it('loads as many as are wanted, in their order', async () => {
  const two = await loadCommittee({ count: 2 });
  expect(two).toHaveLength(2);
  expect(await logits(two[1]!)).toEqual(await logits(await loadNet(second)));
});

it('refuses a net that there is not, and options that it does not know', async () => {
  for (const net of [members.length, -1, 0.5, 'distilled', '']) {
    await expect(loadNet(net), String(net)).rejects.toThrow(
      failure('UNKNOWN_NET', /net is .*; expected a whole number from 0 to \d+, or a name/),
    );
  }
  await expect(loadNet(0, { from: '' })).rejects.toThrow(failure('INVALID_OPTION', /from is ""/));
  await expect(loadNet(0, { base: 'x' } as object)).rejects.toThrow(failure('INVALID_OPTION', /"base"/));
  for (const count of [0, members.length + 1, 1.5]) {
    await expect(loadCommittee({ count })).rejects.toThrow(failure('INVALID_OPTION', /count is/));
  }
});

it('refuses a changed byte, a cut file, the files of another net, and one that is gone', async () => {
  const folder = await copyOfNets();
  const [model, weights] = ['model.json', 'weights.bin'].map((name) => join(folder, first, name)) as [
    string,
    string,
  ];
  const [goodModel, goodWeights] = [await readFile(model), await readFile(weights)];
  const corrupt = failure(
    'FILE_CORRUPT',
    /has \d+ bytes with the SHA-256 .*; expected \d+ bytes with .*Install/,
  );
  const damages = [
    () => writeFile(weights, Buffer.from(goodWeights).fill(goodWeights[40]! ^ 1, 40, 41)),
    () => writeFile(weights, goodWeights.subarray(0, -2)),
    () => writeFile(model, goodModel.toString().replace('"name":', '"nome":')),
    async () => {
      // Another net is whole, and not this one.
      for (const name of ['model.json', 'weights.bin'])
        await copyFile(join(folder, second, name), join(folder, first, name));
    },
  ];
  for (const damage of damages) {
    await damage();
    await expect(loadNet(first, { from: folder })).rejects.toThrow(corrupt);
    await writeFile(model, goodModel);
    await writeFile(weights, goodWeights);
  }
  await loadNet(first, { from: folder });
  await rm(weights);
  await expect(loadNet(first, { from: folder })).rejects.toThrow(
    failure('FILE_MISSING', /weights\.bin cannot be read .*ENOENT.*copy its folder nets/),
  );
});

it.each(['50%/nets', '%E9/nets', 'gone/%C3%A9'])(
  'names an address with the path %s that cannot be read, decoded where that gives a text',
  async (path) => {
    // Nothing listens there.
    const from = `http://127.0.0.1:9/${path}`;
    const named = `http://127.0.0.1:9/${path.replace('%C3%A9', 'é')}/${first}/model.json`;
    await expect(loadNet(first, { from })).rejects.toThrow(
      failure('FILE_MISSING', new RegExp(`loadNet: ${named} cannot be read`)),
    );
  },
);

it('disposes what was loaded when a later net fails', async () => {
  const folder = await copyOfNets();
  await rm(join(folder, second), { recursive: true });
  await (await loadNet(first)).predict(ones([1, 28, 28, 1]));
  const before = memory().numTensors;
  await expect(loadCommittee({ count: 2, from: folder })).rejects.toThrow(
    failure('FILE_MISSING', /cannot be read/),
  );
  expect(memory().numTensors).toBe(before);
});
