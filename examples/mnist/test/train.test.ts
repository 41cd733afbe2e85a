import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tiny, trainTiny, useProgram } from './support/program.js';

const { place, start, run } = useProgram();

describe('train', () => {
  it('gives the same weights twice, and refuses to mix two trainings in a folder', async () => {
    const whole = await run(trainTiny('whole'));
    expect(whole.code, whole.err).toBe(0);
    const { weightsSha256 } = JSON.parse(whole.out);
    expect(JSON.parse((await run(trainTiny('again'))).out).weightsSha256).toBe(weightsSha256);
    const mixed = await run([...trainTiny('whole'), '--lr', '0.01']);
    expect(mixed.err).toMatch(/holds another training: schedule is .* Name another folder with --out/);
    expect(mixed.code).toBe(2);
  }, 300_000);

  it('saves its net although nobody reads its output any more', async () => {
    const piped = start(trainTiny('unread'));
    piped.child.stdout.destroy();
    const { code, err } = await piped.finished;
    expect(code, err).toBe(0);
    expect(existsSync(join(place.folder, 'unread', 'model.json'))).toBe(true);
  }, 300_000);

  it('refuses a file as its folder (2) and a damaged training.json (4), by name', async () => {
    await writeFile(join(place.folder, 'a-file'), 'x');
    const file = await run(trainTiny('a-file'));
    expect(file.err).toMatch(/a-file/);
    expect(file.code).toBe(2);
    await mkdir(join(place.folder, 'damaged'));
    await writeFile(join(place.folder, 'damaged', 'training.json'), '');
    const damaged = await run(trainTiny('damaged'));
    expect(damaged.err).toMatch(/training\.json is damaged \(0 bytes, no JSON object\)/);
    expect(damaged.err).not.toMatch(/\n\s+at /);
    expect(damaged.code).toBe(4);
    expect((await run(['evaluate', 'damaged', '--synthetic'])).code).toBe(4);
  }, 60_000);

  it('a checkpoint folder without a sound file is damaged data (4), no typing error', async () => {
    const folder = join(place.folder, 'whole', 'checkpoints');
    const [newest] = (await readdir(folder)).filter((name) => name.endsWith('.ckpt')).toSorted();
    expect(newest).toBeDefined();
    for (const name of await readdir(folder)) await writeFile(join(folder, name), 'no checkpoint');
    const { code, err } = await run(trainTiny('whole'));
    expect(err).toMatch(/checkpoint/);
    expect(code, err).toBe(4);
  }, 60_000);

  it.each([
    ['train', trainTiny('taken')],
    ['run', ['run', '--preset', 'quick', '--out', 'taken', ...tiny]],
    ['population', ['population', 'taken', '--preset', 'quick', ...tiny]],
  ])('%s writes nothing into a folder that is taken', async (_name, args) => {
    await mkdir(join(place.folder, 'taken'), { recursive: true });
    await writeFile(join(place.folder, 'taken', 'committee.json'), '{}');
    const { code, err } = await run(args);
    expect(err).toMatch(/taken holds an exported committee \(committee\.json\).*Name another folder/);
    expect(code).toBe(2);
    expect(await readdir(join(place.folder, 'taken'))).toEqual(['committee.json']);
  });
});

describe('on real MNIST', () => {
  const dataDir = process.env.MNIST_DATA_DIR;
  if (!dataDir) console.log('skipped: MNIST_DATA_DIR is not set, so nothing runs on real MNIST');
  it.skipIf(!dataDir)(
    'trains the same net twice, and the net learns',
    async () => {
      const real = [
        'train',
        '--json',
        '--widths',
        '16,16,32',
        '--epochs',
        '2',
        '--lr',
        '3e-3',
        '--limit',
        '6000',
      ];
      const outcomes = [];
      for (const out of ['mnist-a', 'mnist-b']) {
        outcomes.push(await run([...real, '--seed', '3', '--out', out], { MNIST_DATA_DIR: dataDir! }));
      }
      const [first, second] = outcomes.map(({ out, err }) => {
        expect(err).not.toMatch(/SYNTHETIC/);
        return JSON.parse(out);
      });
      expect(first.synthetic).toBe(false);
      expect(first.accuracy).toBeGreaterThan(0.9);
      expect(second.weightsSha256).toBe(first.weightsSha256);
    },
    300_000,
  );

  const quick = process.env.MNIST_TEST_QUICK_PRESET === '1';
  if (!quick) console.log('skipped: the quick preset takes five minutes; MNIST_TEST_QUICK_PRESET=1 runs it');
  it.skipIf(!dataDir || !quick)(
    'reaches 99.4 % with the quick preset',
    async () => {
      const { out, code } = await run(['run', '--json', '--preset', 'quick'], { MNIST_DATA_DIR: dataDir! });
      expect(code).toBe(0);
      expect(JSON.parse(out).committee.accuracy).toBeGreaterThanOrEqual(0.994);
    },
    1_200_000,
  );
});
