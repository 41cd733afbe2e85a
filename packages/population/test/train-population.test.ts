import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  memberSeed,
  openPopulation,
  type PopulationEvent,
  trainPopulation,
  verifyPopulation,
} from '@mnist/population';
import { describe, expect, it } from 'vitest';
import {
  leftovers,
  netContents,
  recipe,
  recipeModule,
  temporaryFolder,
  useJournal,
} from './support/population-fixture.js';

const config = { steps: 60, checkpointEvery: 10 };

describe('trainPopulation', () => {
  it('trains, stores and tells what it does', async () => {
    const folder = temporaryFolder();
    const events: PopulationEvent[] = [];
    const summary = await trainPopulation({
      folder,
      count: 3,
      recipe,
      config,
      seed: 11,
      workers: 2,
      onEvent: (event) => events.push(event),
    });
    expect(summary).toMatchObject({ folder, count: 3, byOthers: [], kept: [] });
    expect([...summary.trained].sort()).toEqual([0, 1, 2]);
    expect(leftovers(folder)).toEqual([]);
    const population = await openPopulation(folder);
    expect(population.members.map((member) => member.index)).toEqual([0, 1, 2]);
    const member = population.member(2);
    expect(await member.readConfig()).toEqual({
      index: 2,
      seed: memberSeed(11, 2),
      recipe: { name: 'logistic', version: '1' },
      config,
    });
    const metrics = await member.readMetrics();
    expect(metrics.accuracy).toBeGreaterThan(0.9);
    expect(((await member.readHistory()) as { loss: number[] }).loss).toHaveLength(60);
    expect(await member.readEnvironment()).toMatchObject({
      runner: 'local',
      engine: 'plain JavaScript',
      threads: 1,
    });
    const { data, shape } = await member.readProbabilities(Uint8Array.from({ length: 90 }, (_, i) => i % 3));
    expect(shape).toEqual([90, 3]);
    expect(data[0]! + data[1]! + data[2]!).toBeCloseTo(1, 5);
    await expect(member.readProbabilities(new Uint8Array(90))).rejects.toMatchObject({
      code: 'LABELS_MISMATCH',
    });
    expect(events[0]).toMatchObject({ type: 'opened', count: 3, complete: [], damaged: [] });
    for (const index of [0, 1, 2]) {
      const types = events.flatMap((event) =>
        'index' in event && event.index === index ? [event.type] : [],
      );
      expect(types[0]).toBe('started');
      expect(types.at(-1)).toBe('completed');
      expect(types).toContain('reported');
    }
    expect(events.at(-1)).toMatchObject({
      type: 'progress',
      progress: { complete: 3, running: [], waiting: 0, fraction: 1, remainingSeconds: 0 },
    });
  });

  it('gives the same nets whatever the number of workers', async () => {
    const [one, three] = [temporaryFolder(), temporaryFolder()];
    await trainPopulation({ folder: one, count: 3, recipe, config, workers: 1 });
    await trainPopulation({ folder: three, count: 3, recipe, config, workers: 3 });
    expect(await netContents(three)).toEqual(await netContents(one));
  });

  it('does nothing the second time, and grows without touching the old nets', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    await trainPopulation({ folder, count: 2, recipe, config });
    const old = await netContents(folder);
    expect((await trainPopulation({ folder, count: 2, recipe, config })).kept).toEqual([0, 1]);
    const grown = await trainPopulation({ folder, count: 3, recipe, config });
    expect(grown).toMatchObject({ kept: [0, 1], trained: [2] });
    expect(await netContents(folder)).toMatchObject(old);
    expect(
      journal
        .read()
        .map(({ event, index }) => `${event} ${index}`)
        .sort(),
    ).toEqual(['begin 0', 'begin 1', 'begin 2', 'end 0', 'end 1', 'end 2']);
    expect((await openPopulation(folder)).manifest.count).toBe(3);
    // A smaller wish is granted already, and takes nothing away.
    expect((await trainPopulation({ folder, count: 1, recipe, config })).kept).toEqual([0]);
    expect((await openPopulation(folder)).manifest.count).toBe(3);
  });

  it('refuses a folder of another config or seed and names the difference', async () => {
    const folder = temporaryFolder();
    await trainPopulation({ folder, count: 1, recipe, config, seed: 1 });
    await expect(
      trainPopulation({ folder, count: 1, recipe, config: { ...config, steps: 70, extra: true }, seed: 2 }),
    ).rejects.toMatchObject({
      code: 'POPULATION_MISMATCH',
      message: expect.stringMatching(
        /seed: the folder has 1, given 2; config\.steps: the folder has 60, given 70; config\.extra: the folder has nothing, given true.*another folder/,
      ),
    });
  });

  it('retries with back-off and resumes from the checkpoint; the last attempt begins anew', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    const events: PopulationEvent[] = [];
    await trainPopulation({
      folder,
      count: 2,
      recipe,
      config: { ...config, misbehave: { index: 1, how: 'crash', times: 2 } },
      retries: 2,
      retryDelayMs: (attempt) => attempt * 40,
      onEvent: (event) => events.push(event),
    });
    const failures = events.filter((event) => event.type === 'failed');
    expect(failures).toMatchObject([
      { index: 1, attempt: 1, retryInMs: 40, error: { code: 'WORKER_CRASHED' } },
      { index: 1, attempt: 2, retryInMs: 80 },
    ]);
    expect(failures[0]?.error.message).toMatch(/SIGKILL[\s\S]*segmentation fault/);
    const begins = journal.read().filter((entry) => entry.event === 'begin' && entry.index === 1);
    expect(begins.map((entry) => entry.step)).toEqual([0, 30, 0]);
    expect((await verifyPopulation(folder)).ok).toBe(true);
    expect((await openPopulation(folder)).failures).toEqual([]);
  });

  it.each([
    ['throw', 'RECIPE_FAILED', /the loss is NaN at half time/],
    ['exit', 'WORKER_CRASHED', /exit code 7/],
    ['nan', 'INVALID_RESULT', /probability NaN in row 1/],
  ])(
    'gives a net up that keeps failing (%s), keeps its error and trains the others',
    async (how, code, text) => {
      const folder = temporaryFolder();
      const options = { folder, count: 3, recipe, retries: 1, retryDelayMs: () => 1 };
      const run = trainPopulation({ ...options, config: { ...config, misbehave: { index: 1, how } } });
      await expect(run).rejects.toMatchObject({
        code: 'NETS_FAILED',
        message: expect.stringMatching(text),
        failures: [{ index: 1, error: { code } }],
      });
      const population = await openPopulation(folder);
      expect(population.members.map((member) => member.index)).toEqual([0, 2]);
      expect(population.missing).toEqual([1]);
      expect(population.failures).toMatchObject([{ index: 1, code }]);
      expect(() => population.member(1)).toThrow(/no net 0001/);
    },
  );

  it('stops on abort with checkpoints and goes on from them', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    const stop = new AbortController();
    const options = {
      folder,
      count: 2,
      recipe,
      config: { steps: 600, stepDelayMs: 3, checkpointEvery: 1000 },
    };
    const steps = [0, 0];
    const run = trainPopulation({
      ...options,
      workers: 2,
      signal: stop.signal,
      onEvent(event) {
        if (event.type === 'reported') steps[event.index] = event.progress.step;
        if (Math.min(...steps) > 20) stop.abort();
      },
    });
    await expect(run).rejects.toMatchObject({
      code: 'ABORTED',
      message: expect.stringMatching(/0 of 2 nets complete/),
    });
    const summary = await trainPopulation(options);
    expect(summary.trained).toHaveLength(2);
    const begins = journal.read().filter((entry) => entry.event === 'begin');
    // The recipe never wrote a checkpoint of its own accord: it went on from the one written on abort.
    expect(begins.slice(2).every((entry) => entry.step > 10)).toBe(true);
  });

  it('kills a recipe that does not listen', async () => {
    const stop = new AbortController();
    const run = trainPopulation({
      folder: temporaryFolder(),
      count: 1,
      recipe,
      config: { steps: 100_000, stepDelayMs: 2, misbehave: { index: 0, how: 'deaf' } },
      stopTimeoutMs: 200,
      signal: stop.signal,
      onEvent: (event) => event.type === 'reported' && stop.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('ends in good order when the listener throws', async () => {
    const folder = temporaryFolder();
    const run = trainPopulation({
      folder,
      count: 2,
      recipe,
      config,
      onEvent: (event) => {
        if (event.type === 'reported') throw new Error('the listener is broken');
      },
    });
    await expect(run).rejects.toThrow('the listener is broken');
    await trainPopulation({ folder, count: 2, recipe, config });
    expect(leftovers(folder)).toEqual([]);
  });

  it.each([
    [{ count: 0 }, /count is 0; expected a whole number from 1/],
    [{ workers: 1.5 }, /workers is 1.5/],
    [{ seed: -1 }, /seed is -1/],
    [{ config: { rate: Number.NaN } }, /config\.rate is number NaN, which JSON cannot hold/],
    [{ config: { when: new Date() } }, /config\.when is Date/],
    [{ wrokers: 2 }, /unknown option "wrokers"; it takes folder, count/],
    [{ folder: undefined }, /folder is undefined; expected a non-empty string/],
    [{ recipe: './recipe.js' }, /recipe is ".\/recipe.js"; expected the file: URL/],
  ])('refuses the options %o', async (wrong, text) => {
    const options = { folder: temporaryFolder(), count: 1, recipe, ...wrong } as Parameters<
      typeof trainPopulation
    >[0];
    await expect(trainPopulation(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(text),
    });
  });

  it('refuses modules that hold no recipe', async () => {
    const run = (code: string) =>
      trainPopulation({
        folder: temporaryFolder(),
        count: 1,
        recipe: recipeModule(code),
      });
    await expect(run('export const train = 1')).rejects.toMatchObject({ code: 'INVALID_RECIPE' });
    await expect(run('export const recipe = { name: "a", version: 1 }')).rejects.toThrow(
      /version 1; it must be/,
    );
    await expect(run('import "nowhere"')).rejects.toThrow(/cannot be imported/);
  });

  it('does not take a folder for a population that has nets but no manifest', async () => {
    const folder = temporaryFolder();
    await trainPopulation({ folder, count: 1, recipe, config });
    const { rmSync } = await import('node:fs');
    rmSync(join(folder, 'manifest.json'));
    await expect(trainPopulation({ folder, count: 1, recipe, config })).rejects.toMatchObject({
      code: 'NOT_A_POPULATION',
    });
  });

  it('loads no queue library', () => {
    const bundle = readFileSync(new URL('../dist/index.js', import.meta.url), 'utf8');
    expect(bundle).not.toMatch(/^import .*(bullmq|ioredis)/m);
  });
});
