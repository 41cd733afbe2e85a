import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { trainPopulation, verifyPopulation } from '@mnist/population';
import { describe, expect, it } from 'vitest';
import {
  leftovers,
  netContents,
  processLives,
  recipe,
  startRunner,
  temporaryFolder,
  useJournal,
  waitUntil,
} from './support/population-fixture.js';

const config = { steps: 120, stepDelayMs: 4, checkpointEvery: 7 };

describe('a population whose runner is killed', () => {
  it('equals the unkilled one after two SIGKILLs at random moments, bit for bit', async () => {
    const [whole, killed] = [temporaryFolder(), temporaryFolder()];
    await trainPopulation({ folder: whole, count: 4, recipe, config, seed: 3 });
    const journal = useJournal();
    const options = { folder: killed, count: 4, recipe, config, seed: 3, workers: 2 };
    for (let kill = 0; kill < 2; kill += 1) {
      const begun = journal.read().length;
      const runner = startRunner(options);
      await waitUntil(() => journal.read().length > begun, 'a net begins');
      await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 500));
      runner.child.kill('SIGKILL');
      await runner.exited;
      // No child goes on without its parent.
      await waitUntil(
        () => journal.read().every((entry) => !processLives(entry.pid)),
        'the workers are gone',
        5000,
      );
    }
    await trainPopulation(options);
    expect(await netContents(killed)).toEqual(await netContents(whole));
    expect((await verifyPopulation(killed)).ok).toBe(true);
    expect(leftovers(killed)).toEqual([]);
    const ends = journal.read().filter((entry) => entry.event === 'end');
    // A kill between the end of a training and its publication may make one net end twice, never more.
    expect(ends.length).toBeLessThanOrEqual(6);
    expect(journal.read().some((entry) => entry.event === 'begin' && entry.step > 0)).toBe(true);
  });

  it('publishes a net that was finished and not yet published', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    const options = { folder, count: 1, recipe, config: { steps: 20 } };
    await trainPopulation(options);
    // As the kill between the last write and the rename leaves it.
    renameSync(join(folder, 'nets', '0000'), join(folder, 'staging', '0000-of-a-dead-runner'));
    expect((await trainPopulation(options)).trained).toEqual([0]);
    expect(journal.read().filter((entry) => entry.event === 'begin')).toHaveLength(1);
    // Half a net is thrown away and trained again.
    renameSync(join(folder, 'nets', '0000'), join(folder, 'staging', '0000-of-a-dead-runner'));
    rmSync(join(folder, 'staging', '0000-of-a-dead-runner', 'checksums.json'));
    expect((await trainPopulation(options)).trained).toEqual([0]);
    expect(journal.read().filter((entry) => entry.event === 'begin')).toHaveLength(2);
    expect(leftovers(folder)).toEqual([]);
  });

  it('goes on from the checkpoint when one of its workers is killed', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    const runner = startRunner({ folder, count: 1, recipe, config: { ...config, steps: 200 } });
    await waitUntil(
      () => runner.events.some((e) => e.type === 'reported' && (e.progress as { step: number }).step > 50),
      'the net is under way',
    );
    process.kill(journal.read()[0]!.pid, 'SIGKILL');
    expect(await runner.exited).toBe(0);
    const begins = journal.read().filter((entry) => entry.event === 'begin');
    expect(begins).toHaveLength(2);
    expect(begins[1]!.step).toBeGreaterThan(40);
  });

  it('loses nothing on Ctrl-C', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    const options = { folder, count: 2, recipe, config: { ...config, checkpointEvery: 10_000 }, workers: 2 };
    const runner = startRunner(options);
    const under = (index: number) =>
      runner.events.some(
        (e) => e.type === 'reported' && e.index === index && (e.progress as { step: number }).step > 40,
      );
    await waitUntil(() => under(0) && under(1), 'both nets are under way');
    // A terminal sends SIGINT to every process of the group: the children get it too.
    for (const { pid } of journal.read()) process.kill(pid, 'SIGINT');
    runner.child.kill('SIGINT');
    expect(await runner.exited).toBe(3);
    expect(runner.events.at(-1)).toMatchObject({ type: 'error', code: 'ABORTED' });
    expect(readdirSync(join(folder, 'claims'))).toEqual([]);
    expect(readdirSync(join(folder, 'work'))).toHaveLength(2);
    await trainPopulation(options);
    const begins = journal.read().filter((entry) => entry.event === 'begin');
    expect(begins.slice(2).map((entry) => entry.step > 30)).toEqual([true, true]);
  });
});

describe('several runners on one folder', () => {
  it('share the work and train no net twice', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    const options = { folder, count: 8, recipe, config: { steps: 40, stepDelayMs: 4 }, workers: 1 };
    const runners = [startRunner(options), startRunner(options), startRunner(options)];
    expect(await Promise.all(runners.map((runner) => runner.exited))).toEqual([0, 0, 0]);
    const begins = journal.read().filter((entry) => entry.event === 'begin');
    expect(begins.map((entry) => entry.index).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(begins.map((entry) => entry.pid)).size).toBeGreaterThan(1);
    expect((await verifyPopulation(folder)).ok).toBe(true);
    expect(leftovers(folder)).toEqual([]);
  });

  it('take over from a runner that was killed', async () => {
    const folder = temporaryFolder();
    const journal = useJournal();
    const options = { folder, count: 2, recipe, config: { ...config, steps: 600 }, workers: 2 };
    const first = startRunner(options);
    const far = (index: number) =>
      first.events.some(
        (e) => e.type === 'reported' && e.index === index && (e.progress as { step: number }).step > 7,
      );
    await waitUntil(() => far(0) && far(1), 'both nets have written a checkpoint');
    const second = startRunner(options);
    await waitUntil(() => second.events.length > 0, 'the second runner waits');
    await new Promise((resolve) => setTimeout(resolve, 150));
    first.child.kill('SIGKILL');
    expect(await second.exited).toBe(0);
    expect(second.events.at(-1)).toMatchObject({ type: 'summary', count: 2 });
    const begins = journal.read().filter((entry) => entry.event === 'begin');
    expect(begins).toHaveLength(4);
    expect(begins.slice(2).every((entry) => entry.step > 0)).toBe(true);
  });

  it('are not disturbed by one that was frozen, lost its claims and wakes up', async () => {
    const [folder, whole] = [temporaryFolder(), temporaryFolder()];
    const options = { folder, count: 2, recipe, config, workers: 2, claimTimeoutMs: 600 };
    const sleeper = startRunner(options);
    await waitUntil(
      () => sleeper.events.filter((e) => e.type === 'reported').length > 4,
      'both nets are under way',
    );
    // Its workers go on, as the threads of a process that swaps may, and write checkpoints to where they used to be.
    sleeper.child.kill('SIGSTOP');
    const summary = await trainPopulation({ ...options, workers: 1 });
    sleeper.child.kill('SIGCONT');
    expect(await sleeper.exited).toBe(0);
    expect(summary.trained.length).toBeGreaterThan(0);
    const woken = sleeper.events.at(-1) as { trained: number[]; byOthers: number[] };
    expect([...summary.trained, ...woken.trained].sort()).toEqual([0, 1]);
    await trainPopulation({ ...options, folder: whole });
    expect(await netContents(folder)).toEqual(await netContents(whole));
    expect((await verifyPopulation(folder)).ok).toBe(true);
    expect(leftovers(folder)).toEqual([]);
  });
});
