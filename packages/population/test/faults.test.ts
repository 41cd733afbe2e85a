// Faults that were found by reading, killing and crafting files; each test failed before its fault was mended.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  enqueuePopulation,
  openPopulation,
  type PopulationEvent,
  runQueueWorker,
  setAside,
  trainPopulation,
  verifyPopulation,
} from '@mnist/population';
import { describe, expect, it } from 'vitest';
import {
  leftovers,
  recipe,
  recipeModule,
  startRunner,
  temporaryFolder,
  useJournal,
} from './support/population-fixture.js';

const config = { steps: 20 };
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

async function trained(count = 1): Promise<string> {
  const folder = temporaryFolder();
  await trainPopulation({ folder, count, recipe, config });
  return folder;
}

/** Rewrites checksums.json of net 0 so that it fits itself, whatever it lists. */
function forge(
  folder: string,
  change: (files: Record<string, { bytes: number; sha256: string }>) => void,
): void {
  const path = join(folder, 'nets', '0000', 'checksums.json');
  const checksums = JSON.parse(readFileSync(path, 'utf8'));
  change(checksums.files);
  const lines = Object.keys(checksums.files)
    .filter((file) => file !== 'environment.json')
    .sort()
    .map((file) => `${file}\n${checksums.files[file].bytes}\n${checksums.files[file].sha256}\n`);
  writeFileSync(path, JSON.stringify({ ...checksums, digest: sha256(lines.join('')) }));
}

describe('paths that a file lists', () => {
  it.each(['../../../secret.txt', '/etc/hostname', 'a/../../../../secret.txt', '..\\..\\secret.txt', ''])(
    'are not followed out of the net: %j',
    async (path) => {
      const folder = await trained();
      writeFileSync(join(folder, '..', 'secret.txt'), 'secret');
      for (const claimed of [sha256('secret'), '0'.repeat(64)]) {
        forge(folder, (files) => {
          files[path] = { bytes: 6, sha256: claimed };
        });
        const report = await verifyPopulation(folder);
        expect(report.ok).toBe(false);
        expect(inspect(report, { depth: 9 })).not.toContain(sha256('secret').slice(0, 12));
        const population = await openPopulation(folder);
        expect(population.damaged).toMatchObject([{ index: 0, error: { code: 'NET_DAMAGED' } }]);
      }
      rmSync(join(folder, '..', 'secret.txt'));
    },
  );

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('have any name: %s', async (name) => {
    const folder = await trained();
    writeFileSync(join(folder, 'nets', '0000', name), 'nobody vouches for it');
    expect((await verifyPopulation(folder)).problems).toMatchObject([
      { kind: 'extra', path: `nets/0000/${name}` },
    ]);
    await expect((await openPopulation(folder)).member(0).verifiedFolder()).rejects.toMatchObject({
      code: 'NET_DAMAGED',
    });
    // Listed, it is a file like any other.
    forge(folder, (files) => {
      Object.defineProperty(files, name, {
        value: { bytes: 21, sha256: sha256('nobody vouches for it') },
        enumerable: true,
        configurable: true,
      });
    });
    expect((await verifyPopulation(folder)).ok).toBe(true);
    const bytes = await (await openPopulation(folder)).member(0).readBytes(name);
    expect(bytes.toString()).toBe('nobody vouches for it');
  });

  it('and fields of such names are noticed too', async () => {
    const folder = await trained();
    const path = join(folder, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('{', '{ "constructor": 1,'));
    await expect(openPopulation(folder)).rejects.toMatchObject({ code: 'NOT_A_POPULATION' });
    await expect(trainPopulation({ folder, count: 1, recipe, constructor: 1 } as never)).rejects.toThrow(
      /no option "constructor"|unknown option "constructor"/,
    );
  });
});

describe('every read is verified', () => {
  it('another net in the place of this one is not counted twice', async () => {
    const folder = await trained(2);
    const nets = join(folder, 'nets');
    rmSync(join(nets, '0000'), { recursive: true });
    cpSync(join(nets, '0001'), join(nets, '0000'), { recursive: true });
    const population = await openPopulation(folder);
    expect(population.members.map(({ index }) => index)).toEqual([1]);
    expect(population.damaged).toMatchObject([{ index: 0, error: { code: 'NET_DAMAGED' } }]);
    await expect(trainPopulation({ folder, count: 2, recipe, config })).rejects.toMatchObject({
      code: 'NETS_FAILED',
      failures: [{ index: 0, error: { code: 'NET_DAMAGED' } }],
    });
  });

  it.runIf(process.platform !== 'win32')(
    'symbolic links are found, however equal what they point to',
    async () => {
      for (const path of [
        'nets/0000/model.json',
        'nets/0000/weights',
        'nets/0000/checksums.json',
        'nets/0000',
      ]) {
        const folder = await trained();
        const outside = join(temporaryFolder(), 'outside');
        renameSync(join(folder, path), outside);
        symlinkSync(outside, join(folder, path));
        expect((await verifyPopulation(folder)).ok, path).toBe(false);
        const read = async () => {
          const member = (await openPopulation(folder)).member(0);
          await member.verifiedFolder();
          await member.readBytes('weights/weights.bin');
        };
        await expect(read(), path).rejects.toMatchObject({ code: 'NET_DAMAGED' });
      }
    },
  );

  it('probabilities that are none are refused, although their sums fit', async () => {
    const folder = await trained();
    const path = join(folder, 'nets', '0000', 'probabilities.npy');
    const bytes = readFileSync(path);
    bytes.writeFloatLE(Number.NaN, bytes.length - 4);
    writeFileSync(path, bytes);
    forge(folder, (files) => {
      files['probabilities.npy'] = { bytes: bytes.length, sha256: sha256(bytes) };
    });
    expect((await verifyPopulation(folder)).problems).toMatchObject([
      { kind: 'invalid', path: 'nets/0000/probabilities.npy', message: expect.stringContaining('NaN') },
    ]);
    await expect((await openPopulation(folder)).member(0).readProbabilities()).rejects.toMatchObject({
      code: 'NET_DAMAGED',
    });
  });

  it('entries that nobody knows are reported, and what a kill left is not', async () => {
    const folder = await trained();
    mkdirSync(join(folder, 'failures'), { recursive: true });
    const strangers = [
      'claims/notes.txt',
      'work/mine',
      'staging/0000',
      'failures/0000.txt',
      'failures/x.json',
    ];
    for (const path of strangers) writeFileSync(join(folder, path), 'mine');
    writeFileSync(join(folder, '.manifest.json.123-0123abcd.tmp'), '{ "half');
    writeFileSync(join(folder, 'failures', '.0000.json.12-0123abcd.tmp'), '{ "half');
    const report = await verifyPopulation(folder);
    expect(report.strangers.map(({ path }) => path).sort()).toEqual([...strangers].sort());
    expect(report).toMatchObject({ ok: false, complete: true });
    await trainPopulation({ folder, count: 2, recipe, config });
    expect(readdirSync(folder)).not.toContain('.manifest.json.123-0123abcd.tmp');
  });
});

describe('claims from before a restart of the machine', () => {
  const claimOf = (changes: object) =>
    JSON.stringify({
      token: 'old',
      pid: process.pid,
      host: 'elsewhere',
      boot: 'another',
      pidNamespace: null,
      since: new Date().toISOString(),
      ...changes,
    });

  it('do not block setAside for ever', async () => {
    const folder = await trained();
    writeFileSync(join(folder, 'claims', '0000.5.json'), claimOf({}));
    expect(await setAside(folder, 0, { claimTimeoutMs: 300 })).toMatch(/set-aside/);
    expect(leftovers(folder)).toEqual([]);
  });

  it('do not block retrainDamaged for ever', async () => {
    const folder = await trained(2);
    for (const index of [0, 1]) {
      rmSync(join(folder, 'nets', `000${index}`, 'metrics.json'));
      writeFileSync(join(folder, 'claims', `000${index}.5.json`), claimOf({}));
    }
    const options = { folder, count: 2, recipe, config, claimTimeoutMs: 400, retrainDamaged: true };
    expect((await trainPopulation(options)).trained.toSorted()).toEqual([0, 1]);
  });

  it('differ from those of the living, which are told at once', async () => {
    const folder = await trained();
    // As a runner of this machine writes it; this process lives.
    const { ClaimBook } = await import('../src/_claim.js');
    const claim = await new ClaimBook(join(folder, 'claims'), 60_000).acquire('0000');
    const start = performance.now();
    await expect(setAside(folder, 0)).rejects.toMatchObject({ code: 'CLAIM_HELD' });
    expect(performance.now() - start).toBeLessThan(5000);
    await claim!.release();
  });
});

describe('what concerns every net', () => {
  it('stops the run at once: a setting that cannot be', async () => {
    const journal = useJournal();
    const events: PopulationEvent[] = [];
    const impossible = recipeModule(`
      import { appendFileSync } from 'node:fs';
      export const recipe = { name: 'r', version: '1', async train({ index }) {
        appendFileSync(process.env.JOURNAL, JSON.stringify({ event: 'begin', index }) + '\\n');
        throw Object.assign(new Error('limit is 7; expected at least a batch (100)'), { kind: 'input' });
      } };`);
    const run = trainPopulation({
      folder: temporaryFolder(),
      count: 6,
      workers: 1,
      recipe: impossible,
      retryDelayMs: () => 1,
      onEvent: (event) => events.push(event),
    });
    await expect(run).rejects.toMatchObject({
      code: 'RECIPE_FAILED',
      kind: 'input',
      message: expect.stringMatching(/stop every other net too.*0 of 6 nets.*limit is 7; expected/s),
      failures: [{ attempts: 1 }],
    });
    expect(journal.read()).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'failed')).toHaveLength(1);
  });

  it.runIf(process.platform === 'linux')('stops the run at once: a disk that takes no more', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    // Files of 1 kB at most: the same refusal as of a full disk, without one.
    const runner = startRunner({ folder, count: 6, workers: 1, recipe, config, retryDelayMs: undefined }, [
      'bash',
      '-c',
      'trap "" XFSZ; ulimit -f 1; exec "$0" "$@"',
    ]);
    await runner.exited;
    expect(runner.events.at(-1)).toMatchObject({
      type: 'error',
      code: 'STORAGE_FAILED',
      kind: 'environment',
      message: expect.stringMatching(/EFBIG.*Then call again/s),
    });
    expect(journal.read().filter(({ event }) => event === 'begin').length).toBeLessThanOrEqual(1);
    expect((await trainPopulation({ folder, count: 6, recipe, config })).trained).toHaveLength(6);
    expect(leftovers(folder)).toEqual([]);
  });

  it('is a PopulationError, wherever it comes from', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const folder = join(file, 'population');
    await expect(trainPopulation({ folder, count: 1, recipe, config })).rejects.toMatchObject({
      name: 'PopulationError',
      code: 'STORAGE_FAILED',
      kind: 'environment',
    });
    const trainedFolder = await trained();
    rmSync(join(trainedFolder, 'claims'), { recursive: true });
    writeFileSync(join(trainedFolder, 'claims'), '');
    for (const run of [
      () => setAside(trainedFolder, 0),
      () => trainPopulation({ folder: trainedFolder, count: 1, recipe, config }),
    ]) {
      await expect(run()).rejects.toMatchObject({ name: 'PopulationError', code: 'STORAGE_FAILED' });
    }
  });
});

describe('numbers and names that make no sense', () => {
  it('a count of nets is bounded, and a large one is opened quickly', async () => {
    const folder = await trained();
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...manifest, count: 1e8 }));
    for (const run of [openPopulation, verifyPopulation]) {
      await expect(run(folder)).rejects.toMatchObject({ code: 'NOT_A_POPULATION' });
    }
    writeFileSync(path, JSON.stringify({ ...manifest, count: 1e6 }));
    const start = performance.now();
    expect((await openPopulation(folder)).missing).toHaveLength(1e6 - 1);
    expect((await verifyPopulation(folder)).missing).toHaveLength(1e6 - 1);
    expect(performance.now() - start).toBeLessThan(45_000);
    // A folder with the name of a net that no population can have is a stranger.
    mkdirSync(join(folder, 'nets', '99999999999'));
    expect((await verifyPopulation(folder)).strangers).toMatchObject([{ path: 'nets/99999999999' }]);
  });

  it('an empty path is no folder, and certainly not the current one', async () => {
    for (const run of [() => openPopulation(''), () => verifyPopulation(''), () => setAside('', 0)]) {
      await expect(run()).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
    await expect(trainPopulation({ folder: '', count: 1, recipe })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  it('recipes are files: no code comes with a URL', async () => {
    const code =
      'export const recipe = { name: "a", version: "1", train() { return globalThis.ran = true } }';
    for (const url of [
      `data:text/javascript,${encodeURIComponent(code)}`,
      'https://example.org/r.js',
      'node:fs',
    ]) {
      const run = trainPopulation({ folder: temporaryFolder(), count: 1, recipe: url });
      await expect(run).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
  });

  it('a recipe publishes plain files only', async () => {
    const linking = recipeModule(`
      import { symlinkSync } from 'node:fs';
      export const recipe = { name: 'r', version: '1', async train({ outputFolder }) {
        symlinkSync('/etc/hostname', outputFolder + '/weights.bin');
        return { metrics: {}, probabilities: { data: Float32Array.of(1), shape: [1, 1] } };
      } };`);
    await expect(
      trainPopulation({ folder: temporaryFolder(), count: 1, recipe: linking, retries: 0 }),
    ).rejects.toMatchObject({
      code: 'NETS_FAILED',
      failures: [{ error: { code: 'INVALID_RESULT', message: expect.stringMatching(/symbolic link/) } }],
    });
  });

  it('control characters of a damaged file do not reach the terminal', async () => {
    const folder = await trained();
    const path = join(folder, 'nets', '0000', 'probabilities.npy');
    const bytes = readFileSync(path);
    bytes.write('\u001b]0;owned\u0007', 20, 'latin1');
    writeFileSync(path, bytes);
    forge(folder, (files) => {
      files['probabilities.npy'] = { bytes: bytes.length, sha256: sha256(bytes) };
    });
    const error = await (await openPopulation(folder))
      .member(0)
      .readProbabilities()
      .catch((caught) => caught);
    expect(error.message).toContain('\\x1b]0;owned\\x07');
    expect(error.message).not.toContain('\u001b');
  });
});

describe('the password of a queue', () => {
  it.each([
    'redis://user:s3cr3t/pass@host:6379',
    'redis://:s3cr3t@ho st:6379',
    'redis://user:s3cr3t@host:port',
    'user:s3cr3t@host',
    'redis:s3cr3t',
    'http://user:s3cr3t@host',
    'redis://127.0.0.1:1/0?password=s3cr3t',
    'redis://us@er:s3cr3t@127.0.0.1:1/0',
  ])('is shown by no error, its causes included', async (queue) => {
    for (const run of [
      () => enqueuePopulation({ queue, folder: temporaryFolder(), count: 1, recipe, connectTimeoutMs: 100 }),
      () => runQueueWorker({ queue, recipe, connectTimeoutMs: 100 }),
    ]) {
      const error = await run().then(
        () => undefined,
        (caught) => caught,
      );
      expect(error).toMatchObject({ name: 'PopulationError' });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cr3t');
    }
  });

  it('may come from the environment', async () => {
    await expect(runQueueWorker({ recipe })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/MNIST_QUEUE_URL/),
    });
    process.env.MNIST_QUEUE_URL = 'redis://127.0.0.1:1/0';
    try {
      await expect(runQueueWorker({ recipe, connectTimeoutMs: 100 })).rejects.toMatchObject({
        code: 'QUEUE_UNREACHABLE',
      });
    } finally {
      delete process.env.MNIST_QUEUE_URL;
    }
  });

  it('a wrong URL leaves no folder, and a waiting worker none in the temporary folder of all users', async () => {
    const folder = join(temporaryFolder(), 'population');
    await enqueuePopulation({ queue: 'nowhere', folder, count: 1, recipe }).catch(() => {});
    expect(existsSync(folder)).toBe(false);
    await runQueueWorker({ queue: 'redis://127.0.0.1:1/0', recipe, connectTimeoutMs: 100 }).catch(() => {});
    const own = join(tmpdir(), `mnist-population-${process.getuid?.() ?? ''}`);
    if (process.getuid !== undefined) {
      expect(
        readdirSync(own).filter((name) => name !== 'claims' && statSync(join(own, name)).isDirectory()),
      ).toEqual([]);
    }
  });
});
