import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openPopulation, setAside, trainPopulation, verifyPopulation } from '@mnist/population';
import { describe, expect, it } from 'vitest';
import { leftovers, netContents, recipe, temporaryFolder } from './support/population-fixture.js';

const config = { steps: 30 };
const files = [
  'config.json',
  'metrics.json',
  'history.json',
  'probabilities.npy',
  'environment.json',
  'model.json',
  'weights/weights.bin',
] as const;

const damages: Record<string, (path: string) => void> = {
  missing: (path) => rmSync(path),
  truncated: (path) => truncateSync(path, 10),
  oversized: (path) => appendFileSync(path, 'x'),
  corrupt: (path) => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
  },
};

async function trained(count = 2): Promise<string> {
  const folder = temporaryFolder();
  await trainPopulation({ folder, count, recipe, config });
  return folder;
}

describe('a damaged population', () => {
  it.each(Object.keys(damages))(
    'every kind of file, %s, is found and named by verify and by its reader',
    async (kind) => {
      const folder = await trained();
      for (const file of files) {
        const path = join(folder, 'nets', '0001', file);
        const before = readFileSync(path);
        damages[kind]!(path);
        const report = await verifyPopulation(folder);
        expect(report.ok).toBe(false);
        expect(report.nets.map((net) => net.ok)).toEqual([true, false]);
        expect(report.problems).toMatchObject([
          {
            kind,
            index: 1,
            path: `nets/0001/${file}`,
            message: expect.stringContaining(`nets/0001/${file} is ${kind}`),
          },
        ]);
        const population = await openPopulation(folder);
        // A net whose config is in doubt is not opened at all: it may be another net.
        const member = file === 'config.json' ? undefined! : population.member(1);
        const read = {
          'config.json': async () => population.member(1),
          'metrics.json': () => member.readMetrics(),
          'history.json': () => member.readHistory(),
          'probabilities.npy': () => member.readProbabilities(),
          'environment.json': () => member.readEnvironment(),
          'model.json': () => member.verifiedFolder(),
          'weights/weights.bin': () => member.readBytes('weights/weights.bin'),
        }[file];
        await expect(read()).rejects.toMatchObject({
          code: 'NET_DAMAGED',
          message: expect.stringMatching(new RegExp(`nets/0001/${file} is ${kind}.*setAside\\(folder, 1\\)`)),
        });
        // The rest stays usable.
        expect((await population.member(0).readProbabilities()).shape).toEqual([90, 3]);
        await population.member(0).verifiedFolder();
        writeFileSync(path, before);
        expect((await verifyPopulation(folder)).ok).toBe(true);
      }
    },
  );

  it.each([...Object.keys(damages), 'changed digest'])('checksums.json, %s, is found', async (kind) => {
    const folder = await trained();
    const path = join(folder, 'nets', '0000', 'checksums.json');
    if (kind === 'changed digest') {
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"digest": "./, '"digest": "0'));
    } else if (kind === 'corrupt') {
      writeFileSync(path, readFileSync(path, 'utf8').replace('"bytes":', '"bites":'));
    } else damages[kind]!(path);
    const report = await verifyPopulation(folder);
    expect(report.problems).toMatchObject([{ index: 0, path: 'nets/0000/checksums.json' }]);
    const population = await openPopulation(folder);
    expect(population.damaged).toMatchObject([{ index: 0, error: { code: 'NET_DAMAGED' } }]);
    expect(population.members.map((member) => member.index)).toEqual([1]);
    expect(() => population.member(0)).toThrow(/nets\/0000\/checksums\.json/);
    // A run leaves it alone, names it, and trains the others.
    await expect(trainPopulation({ folder, count: 3, recipe, config })).rejects.toMatchObject({
      code: 'NETS_FAILED',
      failures: [{ index: 0, attempts: 0, error: { code: 'NET_DAMAGED' } }],
    });
    expect((await openPopulation(folder)).members.map((member) => member.index)).toEqual([1, 2]);
  });

  it('names files and folders that nobody vouches for', async () => {
    const folder = await trained(1);
    writeFileSync(join(folder, 'nets', '0000', 'notes.txt'), 'mine');
    writeFileSync(join(folder, 'stray.txt'), 'mine');
    mkdirSync(join(folder, 'nets', '7'));
    expect((await verifyPopulation(folder)).problems).toMatchObject([
      { kind: 'extra', path: 'stray.txt' },
      { kind: 'extra', path: 'nets/7' },
      { kind: 'extra', index: 0, path: 'nets/0000/notes.txt' },
    ]);
  });

  it('notices a net of another number or population', async () => {
    const folder = await trained(2);
    const nets = join(folder, 'nets');
    renameSync(join(nets, '0000'), join(nets, 'x'));
    renameSync(join(nets, '0001'), join(nets, '0000'));
    renameSync(join(nets, 'x'), join(nets, '0001'));
    expect((await verifyPopulation(folder)).problems).toMatchObject([
      { kind: 'foreign', index: 0, path: 'nets/0000/config.json' },
      { kind: 'foreign', index: 1, path: 'nets/0001/config.json' },
    ]);
  });

  it('lists the nets that are missing', async () => {
    const folder = await trained(3);
    rmSync(join(folder, 'nets', '0001'), { recursive: true });
    const report = await verifyPopulation(folder);
    expect(report).toMatchObject({ ok: false, missing: [1], problems: [] });
    expect((await openPopulation(folder)).missing).toEqual([1]);
  });

  it('is repaired by setAside and another run, without a trace in the nets', async () => {
    const folder = await trained();
    const whole = await netContents(folder);
    const path = join(folder, 'nets', '0001', 'weights', 'weights.bin');
    damages.corrupt!(path);
    const aside = await setAside(folder, 1);
    expect(existsSync(join(aside, 'weights', 'weights.bin'))).toBe(true);
    await expect(setAside(folder, 1)).rejects.toMatchObject({ code: 'NET_MISSING' });
    expect((await trainPopulation({ folder, count: 2, recipe, config })).trained).toEqual([1]);
    expect(await netContents(folder)).toEqual(whole);
    expect((await verifyPopulation(folder)).ok).toBe(true);
    expect(leftovers(folder)).toEqual([]);
  });

  it('is repaired by the option retrainDamaged', async () => {
    const folder = await trained(3);
    const whole = await netContents(folder);
    damages.truncated!(join(folder, 'nets', '0000', 'probabilities.npy'));
    rmSync(join(folder, 'nets', '0002', 'checksums.json'));
    const summary = await trainPopulation({ folder, count: 3, recipe, config, retrainDamaged: true });
    expect(summary.kept).toEqual([1]);
    expect([...summary.trained].sort()).toEqual([0, 2]);
    expect(await netContents(folder)).toEqual(whole);
  });

  it.each([
    ['truncated', (text: string) => text.slice(0, 40), 'NOT_A_POPULATION', /manifest\.json is not JSON/],
    [
      'of a later version',
      (text: string) => text.replace('"formatVersion": 1', '"formatVersion": 2'),
      'UNSUPPORTED_FORMAT',
      /version 2; this version.*reads 1/,
    ],
    [
      'with a wrong field',
      (text: string) => text.replace('"count": 1', '"count": "1"'),
      'NOT_A_POPULATION',
      /"count" has "1"; expected number/,
    ],
    [
      'with an unknown field',
      (text: string) => text.replace('"count": 1', '"count": 1, "cuont": 2'),
      'NOT_A_POPULATION',
      /cuont/,
    ],
  ])('a manifest %s is refused by all who read it', async (_, damage, code, text) => {
    const folder = await trained(1);
    const path = join(folder, 'manifest.json');
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    for (const read of [
      () => openPopulation(folder),
      () => verifyPopulation(folder),
      () => setAside(folder, 0),
      () => trainPopulation({ folder, count: 1, recipe, config }),
    ]) {
      await expect(read()).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
    }
  });

  it('a folder without a manifest is no population', async () => {
    await expect(openPopulation(temporaryFolder())).rejects.toMatchObject({ code: 'NOT_A_POPULATION' });
    await expect(verifyPopulation(join(temporaryFolder(), 'nowhere'))).rejects.toMatchObject({
      code: 'NOT_A_POPULATION',
    });
  });
});
