import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPopulation } from '@mnist/population';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { useProgram } from './support/program.js';
import { startRedis, whyNoRedis } from './support/redis.js';
import { simulateGpus } from './support/simulated-gpu.js';

const { place, start } = useProgram();

/** 120 tiny images of two classes; one in six is held out. */
beforeAll(async () => {
  const row = (image: number) => [image % 2, ...new Array(784).fill(image % 2 === 0 ? 10 : 200)].join();
  await writeFile(join(place.folder, 'digits.csv'), Array.from({ length: 120 }, (_, i) => row(i)).join('\n'));
});

const data = ['--dataset', 'own', '--data-dir', 'digits.csv', '--json'];
const population = (folder: string, count: number) => [
  ...['population', folder, '--preset', 'quick', '--epochs', '2', '--count', String(count), ...data],
];
const train = ['train', '--net', 'lenet5', '--epochs', '1', '--threads', '1', '--out', 'single', ...data];

type Program = ReturnType<typeof start>;

/** Programs on a machine with so many cards of NVIDIA. */
async function machineWith(cards: number) {
  const gpus = await simulateGpus(place.folder, cards);
  const begin = (name: string, args: readonly string[], env: Record<string, string> = {}) => {
    const program = start(args, { ...gpus.environment(name), ...env });
    onTestFinished(() => void program.child.kill('SIGKILL'));
    return program;
  };
  /** Rejects as soon as one of the programs ends before. */
  const until = (condition: () => boolean | Promise<boolean>, ...programs: Program[]) =>
    Promise.race([
      vi.waitUntil(condition, { timeout: 90_000, interval: 20 }),
      ...programs.map(async ({ finished }) => {
        const { code, err } = await finished;
        throw new Error(`a program ended (${code}) too early:\n${err}`);
      }),
    ]);
  const came = (count: number, ...programs: Program[]) => until(() => gpus.uses.length >= count, ...programs);
  /** Until somebody waits in line behind those who came; fails where somebody takes a card that is taken. */
  const queued = async (...programs: Program[]) => {
    const { length } = gpus.uses;
    await until(async () => (await gpus.waiting()) === 1 || gpus.uses.length > length, ...programs);
    expect(gpus.mostAtOnce()).toBe(1);
    expect(gpus.uses).toHaveLength(length);
  };
  return { gpus, begin, came, queued, until };
}

async function succeed(...programs: Program[]): Promise<void> {
  for (const { code, err } of await Promise.all(programs.map(({ finished }) => finished)))
    expect(code, err).toBe(0);
}

/** When each net of a population had which device, by its own record. */
async function recordsOf(folder: string) {
  const { members } = await openPopulation(join(place.folder, folder));
  return Promise.all(
    members.map(async (member) => {
      const { device, started, finished } = (await member.readEnvironment()) as Record<string, string>;
      return {
        net: `${folder} ${member.index}`,
        device,
        from: Date.parse(started!),
        to: Date.parse(finished!),
      };
    }),
  );
}

// The tool that lists NVIDIA's cards is simulated by a script of the shell.
const windows = process.platform === 'win32';
const reason = whyNoRedis();
if (reason !== undefined) console.warn(`Skipped a worker of a queue on a shared GPU: ${reason}.`);

describe.skipIf(windows)('programs that share', { timeout: 150_000 }, () => {
  it('one GPU train one net at a time, in the order of asking', async () => {
    const { gpus, begin, came, queued } = await machineWith(1);
    const first = begin('first', population('first', 2));
    await came(1, first);
    const second = begin('second', population('second', 2));
    // Nobody goes on before the other program has asked for the card.
    for (const done of [1, 2, 3]) {
      await queued(first, second);
      gpus.letThrough(done);
      await came(done + 1, second);
    }
    gpus.letThrough(4);
    await succeed(first, second);

    expect(gpus.mostAtOnce()).toBe(1);
    expect(gpus.uses.map(({ program }) => program)).toEqual(['first', 'second', 'first', 'second']);
    const records = [...(await recordsOf('first')), ...(await recordsOf('second'))];
    records.sort((a, b) => a.from - b.from);
    expect(records.map(({ net }) => net)).toEqual(['first 0', 'second 0', 'first 1', 'second 1']);
    expect(records.map(({ device }) => device)).toEqual(new Array(4).fill('gpu:0'));
    for (const [i, { from }] of records.slice(1).entries())
      expect(from).toBeGreaterThanOrEqual(records[i]!.to);
  });

  it('one GPU go on when the program that has it is killed; a single training waits like a population', async () => {
    const { gpus, begin, came, queued } = await machineWith(1);
    const killed = begin('killed', population('killed', 1));
    await came(1, killed);
    const single = begin('single', train);
    await queued(killed, single);
    killed.child.kill('SIGKILL');
    await came(2, single);
    const again = begin('again', population('killed', 1));
    await queued(single, again);
    gpus.letThrough(3);
    await succeed(single, again);
    expect((await single.finished).err).toMatch(/waiting for gpu:0: another program trains on it/);
    expect(gpus.mostAtOnce()).toBe(1);
    expect(gpus.uses.map(({ program }) => program)).toEqual(['killed', 'single', 'again']);
  });

  it('one GPU wait with the timing of their steps as well', async () => {
    const { gpus, begin, came, queued, until } = await machineWith(1);
    const trains = begin('trains', population('trains', 1));
    await came(1, trains);
    const options = ['--preset', 'quick', '--nets', '1', '--epochs', '2', '--no-sweep', '--out', 'whole'];
    const whole = begin('whole', ['run', ...options, '--engine', 'simulated', ...data]);
    await queued(trains, whole);
    const planned = whole.printed(/\n {2}engine simulated:/);
    const later = begin('later', population('later', 1));
    await until(async () => (await gpus.waiting()) === 2, trains, whole, later);
    // The run's own process times steps, of both engines and of each preset in one turn; another process trains its net.
    gpus.letThrough(2);
    await came(3, whole, later);
    await planned;
    gpus.letThrough(4);
    await succeed(trains, whole, later);
    const { err } = await whole.finished;
    expect(err).toMatch(/waiting for gpu:0: another program trains on it/);
    expect(err).toMatch(/engine simulated:.*fastest of \d+ \(.*simulated:/);
    expect(gpus.mostAtOnce()).toBe(1);
    expect(gpus.uses.map(({ program }) => program)).toEqual(['trains', 'whole', 'later', 'whole']);
  });

  it('two GPUs train on both at once, within a program and between two', async () => {
    const { gpus, begin, came } = await machineWith(2);
    const cards = () => gpus.uses.slice(-2).map(({ card }) => card);
    await writeFile(join(place.folder, 'arms.json'), '{ "base": { "batchSize": 10, "epochs": 1 } }');
    const arms = ['--arms', 'arms.json', '--preset', 'quick', '--blocks', '2', '--pairs', '1'];
    const compared = begin('compared', ['compare-recipes', 'compared', ...arms, ...data]);
    // Neither goes on before both are there.
    await came(2, compared);
    expect(cards().sort()).toEqual(['0', '1']);
    gpus.letThrough(2);
    await succeed(compared);

    const left = begin('left', population('left', 1));
    const right = begin('right', population('right', 1));
    await came(4, left, right);
    expect(cards().sort()).toEqual(['0', '1']);
    gpus.letThrough(4);
    await succeed(left, right);
    expect(gpus.mostAtOnce()).toBe(1);
  });

  it.skipIf(reason !== undefined)('one GPU are the workers of a queue too', async () => {
    const { url } = await startRedis(place.folder);
    const { gpus, begin, came, queued } = await machineWith(1);
    const collector = begin('collector', [...population('collected', 2), '--queue', url]);
    const worker = begin('worker', ['worker', '--json'], { MNIST_QUEUE_URL: url });
    await came(1, collector, worker);
    const local = begin('local', population('local', 1));
    await queued(collector, worker, local);
    gpus.letThrough(1);
    await came(2, worker, local);
    await queued(collector, worker, local);
    gpus.letThrough(3);
    await succeed(collector, local);
    worker.child.kill('SIGINT');
    await succeed(worker);
    expect(gpus.mostAtOnce()).toBe(1);
    expect(gpus.uses.map(({ program }) => program)).toEqual(['worker', 'local', 'worker']);
    expect((await recordsOf('collected')).map(({ device }) => device)).toEqual(['gpu:0', 'gpu:0']);
  });
});
