import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  enqueuePopulation,
  type PopulationEvent,
  trainPopulation,
  verifyPopulation,
} from '@mnist/population';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  netContents,
  type RunnerProcess,
  recipe,
  recipeModule,
  startQueueWorker,
  temporaryFolder,
  useJournal,
  waitUntil,
} from '../support/population-fixture.js';
import { config, expectNoBlobs, ofType, reached, reason, workerOptions } from './queue-fixture.js';
import { CuttableLine, RedisServer } from './redis-server.js';

/** The figure is 30; the same test in a few seconds needs all time-outs to be smaller too. */
const CUT_SECONDS = Number(process.env.MNIST_TEST_REDIS_CUT_SECONDS ?? 4);

const slow = { ...config, steps: 1500 };

describe.skipIf(reason !== undefined)('a population on a Redis in trouble', { timeout: 120_000 }, () => {
  it(`survives a killed worker and one that is cut off for ${CUT_SECONDS} s: each net arrives once, resumed`, async () => {
    const server = await RedisServer.start();
    const [folder, local] = [temporaryFolder(), temporaryFolder()];
    const journal = useJournal();
    const line = await CuttableLine.to(server.port);
    const events: PopulationEvent[] = [];
    const run = enqueuePopulation({
      queue: server.url,
      folder,
      count: 5,
      recipe,
      // Long enough that both victims are still at their first net when the third worker is there.
      config: slow,
      onEvent: (event) => events.push(event),
    });
    const killed = startQueueWorker({ ...workerOptions, name: 'killed', queue: server.url });
    const cut = startQueueWorker({ ...workerOptions, name: 'cut', queue: line.url });
    await waitUntil(() => reached(killed, 40) && reached(cut, 40), 'both have sent a checkpoint of step 40');
    const steady = startQueueWorker({ ...workerOptions, name: 'steady', queue: server.url });
    await waitUntil(() => ofType(steady, 'ready').length === 1, 'the third worker is there');
    killed.child.kill('SIGKILL');
    line.interrupt();
    await new Promise((resolve) => setTimeout(resolve, CUT_SECONDS * 1000));
    line.restore();
    await run;
    await waitUntil(
      () => ofType(cut, 'started').length <= ofEnds(cut),
      'the worker that was cut off has come to rest',
    );
    for (const worker of [cut, steady]) worker.child.kill('SIGINT');
    expect(await Promise.all([cut.exited, steady.exited])).toEqual([0, 0]);

    const arrived = events.flatMap((event) => (event.type === 'completed' ? [event.index] : []));
    expect(arrived.sort()).toEqual([0, 1, 2, 3, 4]);
    const accepted = [killed, cut, steady].flatMap((worker) =>
      ofType(worker, 'finished').flatMap((event) => (event.accepted ? [event.index as number] : [])),
    );
    expect(accepted.sort()).toEqual([0, 1, 2, 3, 4]);
    // Whoever took over went on from a checkpoint that came through Redis.
    for (const victim of [killed, cut]) {
      const index = ofType(victim, 'started')[0]!.index;
      const takenOver = [cut, steady].flatMap((worker) =>
        ofType(worker, 'started').filter((event) => event.index === index && worker !== victim),
      );
      expect(takenOver.length).toBeGreaterThan(0);
      for (const event of takenOver) expect(event.fromStep).toBeGreaterThanOrEqual(40);
    }
    const fromZero = journal.read().filter((entry) => entry.event === 'begin' && entry.step === 0);
    expect(fromZero.map((entry) => entry.index).sort()).toEqual([0, 1, 2, 3, 4]);
    await trainPopulation({ folder: local, count: 5, recipe, config: { ...slow }, workers: 5 });
    expect(await netContents(folder)).toEqual(await netContents(local));
    await expectNoBlobs(server.url);
  });

  it.each([
    ['with its data', false],
    ['empty', true],
  ])('goes on when Redis is killed mid-run and comes back %s', async (_, forget) => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    const worker = startQueueWorker({ ...workerOptions, name: 'w', queue: server.url });
    const events: PopulationEvent[] = [];
    const run = enqueuePopulation({
      queue: server.url,
      folder,
      count: 3,
      recipe,
      config: { ...config, steps: 150 },
      onEvent: (event) => events.push(event),
    });
    await waitUntil(() => reached(worker, 30), 'the first net is under way');
    if (forget) await server.killAndForget();
    else await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.run();
    expect((await run).trained).toHaveLength(3);
    expect((await verifyPopulation(folder)).ok).toBe(true);
    const accepted = ofType(worker, 'finished').filter((event) => event.accepted);
    expect(accepted.map((event) => event.index).sort()).toEqual([0, 1, 2]);
  });

  it('keeps a trained net until a full Redis takes it', async () => {
    const server = await RedisServer.start();
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    const gate = join(temporaryFolder(), 'gate');
    const waiting = recipeModule(`
      import { existsSync, writeFileSync } from 'node:fs';
      export const recipe = { name: 'waiting', version: '1', async train({ outputFolder }) {
        while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 20));
        writeFileSync(outputFolder + '/weights.bin', Buffer.alloc(8000, 'x'));
        return { metrics: {}, probabilities: { data: Float32Array.of(1), shape: [1, 1] } };
      } };`);
    const worker = startQueueWorker({
      ...workerOptions,
      recipe: waiting,
      queue: server.url,
      // A full Redis takes no sign of life either; who loses the net for it is not what is tested here.
      heartbeatTimeoutMs: 120_000,
    });
    const options = { queue: server.url, folder: temporaryFolder(), count: 1, recipe: waiting, retries: 0 };
    const run = enqueuePopulation(options);
    await waitUntil(() => ofType(worker, 'started').length === 1, 'the net is under way');
    // Room enough for the net, if other things did not fill it: they do.
    await redis.set('other', Buffer.alloc(1e6));
    const startup = Number(/^used_memory_startup:(\d+)/m.exec(await redis.info('memory'))![1]);
    await redis.config('SET', 'maxmemory', String(startup + 100_000));
    writeFileSync(gate, '');
    await waitUntil(
      () => ofType(worker, 'log').some((event) => /cannot be delivered yet: OOM/.test(String(event.message))),
      'the worker is turned away',
      60_000,
    );
    await redis.config('SET', 'maxmemory', '0');
    expect((await run).trained).toEqual([0]);
    expect(ofType(worker, 'started')).toHaveLength(1);
  });
});

/** How many of a worker's attempts have come to an end. */
function ofEnds(runner: RunnerProcess): number {
  return ['finished', 'interrupted', 'failed'].reduce((sum, type) => sum + ofType(runner, type).length, 0);
}
