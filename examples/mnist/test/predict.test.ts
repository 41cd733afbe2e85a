import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { syntheticDigits } from '@mnist/dataset';
import { committee } from '@mnist/pretrained';
import { encode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { tiny, useProgram } from './support/program.js';

const { place, run } = useProgram();
const digits = syntheticDigits({ count: 40, seed: 3, split: 'test' });
/** One drawn digit of each class. */
const ofClass = (label: number) =>
  Array.from({ length: 40 }, (_, i) => i).find((i) => digits.labels.get(i) === label)!;

/** Digits on a sheet of grey paper that grows darker to the right, in dark ink, four times their size. */
async function sheet(name: string, labels: readonly number[], paper = 200): Promise<string> {
  const [width, height] = [40 + 130 * labels.length, 160];
  const data = Uint8Array.from({ length: width * height }, (_, i) => paper - (60 * (i % width)) / width);
  for (const [position, label] of labels.entries())
    for (let y = 0; y < 112; y++)
      for (let x = 0; x < 112; x++) {
        const ink = digits.images.get(ofClass(label), y >> 2, x >> 2) / 255;
        const at = (24 + y) * width + 30 + 130 * position + x;
        data[at] = Math.round(data[at]! * (1 - 0.8 * ink));
      }
  await writeFile(join(place.folder, name), encode({ width, height, data, channels: 1, depth: 8 }));
  return name;
}

const predict = async (...args: string[]) => {
  const { code, out, err } = await run(['predict', ...args, '--engine', 'onnx', '--json']);
  return { code, err, answer: out === '' ? undefined : JSON.parse(out) };
};

// biome-ignore lint/suspicious/noExplicitAny: what the program printed
type Printed = any;

describe.sequential('predict', () => {
  beforeAll(async () => {
    const trained = await run([
      'train',
      '--net',
      'lenet5',
      '--epochs',
      '2',
      '--lr',
      '3e-3',
      '--out',
      'net',
      '--engine',
      'onnx',
      ...tiny,
    ]);
    expect(trained.code, trained.err).toBe(0);
    await mkdir(join(place.folder, 'pictures/more'), { recursive: true });
    for (const label of [0, 4, 6]) await sheet(`pictures/${label}.png`, [label]);
    await sheet('pictures/more/several.png', [4, 0, 6]);
    await writeFile(join(place.folder, 'pictures/notes.txt'), 'no picture');
  }, 120_000);

  it('reads folders; several digits are announced, and read in order with --each', async () => {
    const { code, answer } = await predict('pictures', '--model', 'net', '--explain', 'steps.png');
    expect(code).toBe(0);
    const [zero, four, six, several] = answer.results;
    expect([zero, four, six].map(({ predicted }: Printed) => predicted)).toEqual(['0', '4', '6']);
    expect(several).toMatchObject({ candidates: 3, warnings: ['several-digits'] });
    expect(several.digits).toHaveLength(1);
    expect(zero.digits[0]).toMatchObject({ agreement: 1, alreadyPrepared: false });
    expect(zero.digits[0].probabilities).toHaveLength(10);
    expect(zero.digits[0].votes).toHaveLength(1);
    expect(existsSync(join(place.folder, 'steps.png'))).toBe(true);
    const each = await predict('pictures/more', '--model', 'net', '--each');
    expect(each.answer.results[0]).toMatchObject({ predicted: '406', candidates: 3, warnings: [] });
  }, 60_000);

  it('without a model the newest run on MNIST answers, and where there is none the shipped nets', async () => {
    const picture = 'pictures/6.png';
    const runs = join(place.folder, 'runs');
    const asked = async (...args: string[]) => {
      const { code, err, answer } = await predict(picture, ...args);
      expect(code, err).toBe(0);
      expect(answer.results[0].predicted).toBe('6');
      return { err, from: answer.from, nets: answer.nets };
    };
    const shipped = await asked();
    expect(shipped).toMatchObject({ from: '@mnist/pretrained', nets: committee().nets.length });
    expect(shipped.err).toMatch(/answering: the committee of \d+ from @mnist\/pretrained/);
    // Its nets know drawn digits only, and an empty run none.
    await cp(join(place.folder, 'net'), join(runs, 'drawn'), { recursive: true });
    await mkdir(join(runs, 'empty'));
    expect((await asked()).from).toBe('@mnist/pretrained');
    const config = JSON.parse(await readFile(join(place.folder, 'net', 'training.json'), 'utf8'));
    for (const [name, changed] of [
      ['older', 1000],
      ['newer', 2000],
    ] as const) {
      await cp(join(place.folder, 'net'), join(runs, name), { recursive: true });
      const onMnist = { ...config, dataset: { kind: 'published', name: 'mnist' } };
      await writeFile(join(runs, name, 'training.json'), JSON.stringify(onMnist));
      await utimes(join(runs, name), changed, changed);
    }
    expect(await asked()).toMatchObject({ from: join('runs', 'newer'), nets: 1 });
    expect((await asked('--pretrained')).from).toBe('@mnist/pretrained');
  }, 300_000);

  it('without a model it passes over what is no run of this program, and warns of a damaged one', async () => {
    const runs = join(place.folder, 'runs');
    await symlink(join(runs, 'removed'), join(runs, 'latest'), 'junction');
    for (const [file, text] of [
      ['page/manifest.json', '{ "name": "a page", "start_url": "/" }'],
      ['other/training.json', '{ "learningRate": 0.1 }'],
      ['cut/training.json', '{ "dataset": {'],
      ['torn/population/manifest.json', '{ "format": "mnist-popul'],
    ] as const) {
      await mkdir(dirname(join(runs, file)), { recursive: true });
      await writeFile(join(runs, file), text);
    }
    const { code, err, answer } = await predict('pictures/6.png');
    expect(code, err).toBe(0);
    expect(answer.from).toBe(join('runs', 'newer'));
    for (const name of ['cut', 'torn'])
      expect(err).toMatch(new RegExp(`! runs.${name} is passed over: .*${name}.* not .*JSON`));
    expect(err.match(/is passed over/g)).toHaveLength(2);
    expect(err).not.toMatch(/latest|page|other/);
  }, 60_000);

  it('one bad file does not lose the others, and decides the exit code', async () => {
    const [width, height] = [100, 100];
    const blank = encode({
      width,
      height,
      data: new Uint8Array(width * height).fill(220),
      channels: 1,
      depth: 8,
    });
    await writeFile(join(place.folder, 'blank.png'), blank);
    await writeFile(join(place.folder, 'torn.png'), blank.subarray(0, 60));
    const good = 'pictures/4.png';
    const { code, err, answer } = await predict('torn.png', good, 'blank.png', 'gone.png', '--model', 'net');
    expect(code).toBe(4);
    expect(answer.results.map(({ error }: Printed) => error?.code)).toEqual([
      'DAMAGED_FILE',
      undefined,
      'NO_DIGIT',
      'FILE_ACCESS',
    ]);
    expect(answer.results[1].predicted).toBe('4');
    expect(err).toMatch(
      /error: torn\.png: a damaged PNG file.*\nerror: blank\.png: nothing found.*\nerror: gone\.png: cannot be read/,
    );
    expect((await predict('gone.png', '--model', 'net')).code).toBe(2);
  }, 60_000);

  it('takes a model.json, a file: URL, and what only saveModel wrote, of which it says what it assumes', async () => {
    const picture = 'pictures/6.png';
    await mkdir(join(place.folder, 'bare'));
    for (const name of ['model.json', 'weights.bin'])
      await copyFile(join(place.folder, 'net', name), join(place.folder, 'bare', name));
    for (const model of ['net/model.json', pathToFileURL(join(place.folder, 'net')).href]) {
      const { code, answer, err } = await predict(picture, '--model', model);
      expect(code, err).toBe(0);
      expect(answer).toMatchObject({ trainedOn: { kind: 'synthetic' }, results: [{ predicted: '6' }] });
    }
    const bare = await predict(picture, '--model', 'bare');
    expect(bare.code, bare.err).toBe(0);
    expect(bare.err).toMatch(/bare does not say how it was trained: taken for a net of MNIST/);
    expect(bare.answer.results[0].predicted).toBe('6');
    const letters = await predict(picture, '--model', 'bare', '--dataset', 'emnist-letters');
    expect(letters.err).toMatch(/to \[null,10\]; expected .* to \[null,26\].*--dataset/);
    expect(letters.code).toBe(2);
  }, 60_000);

  it('shows the nets of another data set its own form, not the box of MNIST', async () => {
    // A trouser of Fashion-MNIST fills its square: two legs, ten pixels apart.
    const data = Uint8Array.from({ length: 784 }, (_, i) =>
      Math.abs(Math.abs((i % 28) - 13.5) - 5) < 3 ? 180 : 0,
    );
    await writeFile(
      join(place.folder, 'trouser.png'),
      encode({ width: 28, height: 28, data, channels: 1, depth: 8 }),
    );
    const things = await predict('trouser.png', '--model', 'bare', '--dataset', 'fashion-mnist');
    expect(things.answer.results[0].digits[0]).toMatchObject({ alreadyPrepared: true });
    const asDigit = await predict('trouser.png', '--model', 'net');
    expect(asDigit.answer.results[0].digits?.[0].alreadyPrepared).not.toBe(true);
  }, 60_000);
});
