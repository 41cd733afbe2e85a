// Trouble between machines: workers that die, a Redis that dies, forgets, fills up or lies.
import { randomUUID } from 'node:crypto';
import { enqueuePopulation, readManifest } from '@mnist/population';
import { Redis } from 'ioredis';
import { assertEqualToUndisturbed, missingRedis, recipe, sleep, until } from './support.mjs';

const config = { steps: 80, stepDelayMs: 3, checkpointEvery: 7 };
const population = { count: 4, config, seed: 5 };
const quick = { count: 8, config: { steps: 20 }, seed: 6 };
const NAME = 'mnist-population';
const worker = {
  recipe,
  workers: 1,
  heartbeatTimeoutMs: 1500,
  checkpointIntervalMs: 100,
  stopTimeoutMs: 3000,
};

async function stage(trial, options = population) {
  const server = await trial.redis();
  const folder = trial.folder();
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  trial.later(() => redis.disconnect());
  const collect = (more = {}) =>
    enqueuePopulation({ queue: server.url, folder, recipe, retryDelayMs: 10, ...options, ...more });
  const startWorker = () => trial.start('run-queue-worker', { ...worker, queue: server.url });
  return { server, folder, redis, collect, startWorker };
}

const underWay = (runner) =>
  until(() => runner.events.some(({ type }) => type === 'started'), 'a net is under way');

/** Values that nobody of this house would write. */
function crafted(random) {
  const reference = (changes) =>
    JSON.stringify({
      id: randomUUID(),
      chunks: 1,
      bytes: 10,
      sha256: '0'.repeat(64),
      step: 0,
      worker: 'w',
      ...changes,
    });
  return random.pick([
    () => 'garbage \u001b[2J',
    () => '',
    () => '{"chunks":',
    () => reference({ chunks: Number.MAX_SAFE_INTEGER }),
    () => reference({ chunks: 1e8, bytes: 1e8 }),
    () => reference({ bytes: -1 }),
    () => reference({ id: '../x' }),
    () => reference({ step: 1e308 }),
    () => reference({ worker: '\u001b]0;x\u0007'.repeat(50) }),
    () => reference({}),
    () => 'x'.repeat(1 + random.integer(1 << 20)),
    () => JSON.stringify({ __proto__: null, constructor: 1 }),
    () => 'null',
    () => '[]',
  ])();
}

export const queueRows = [
  {
    name: 'a queue worker is killed; another goes on',
    trials: { short: 1, long: 40 },
    async run(trial, random) {
      const { folder, collect, startWorker } = await stage(trial);
      const run = collect();
      const victim = startWorker();
      await underWay(victim);
      await sleep(random.next() * 600);
      victim.child.kill('SIGKILL');
      startWorker();
      await run;
      await assertEqualToUndisturbed(folder, population);
    },
  },
  {
    name: 'the collector is killed; the next one collects',
    trials: { short: 1, long: 30 },
    async run(trial, random) {
      const { server, folder, collect, startWorker } = await stage(trial);
      startWorker();
      const options = { queue: server.url, folder, recipe, retryDelayMs: 10, ...population };
      const collector = trial.start('run-collector', options);
      await sleep(400 + random.next() * 1200);
      collector.child.kill('SIGKILL');
      await collector.exited;
      await collect();
      await assertEqualToUndisturbed(folder, population);
    },
  },
  ...[
    ['with its data', false],
    ['empty', true],
  ].map(([how, forget]) => ({
    name: `Redis is killed and comes back ${how}`,
    trials: { short: 1, long: 30 },
    async run(trial, random) {
      const { server, folder, collect, startWorker } = await stage(trial);
      const first = startWorker();
      const run = collect();
      await underWay(first);
      await sleep(random.next() * 500);
      await server.kill();
      if (forget) server.forget();
      await sleep(random.next() * 800);
      await server.listen();
      await run;
      await assertEqualToUndisturbed(folder, population);
    },
  })),
  {
    name: 'Redis is away when worker and collector are told to stop: both end in time',
    trials: { short: 1, long: 20 },
    async run(trial, random) {
      const { server, folder, startWorker } = await stage(trial);
      const first = startWorker();
      const collector = trial.start('run-collector', { queue: server.url, folder, recipe, ...population });
      await underWay(first);
      await sleep(random.next() * 300);
      await server.kill();
      await sleep(200);
      const start = performance.now();
      first.child.kill('SIGINT');
      collector.child.kill('SIGINT');
      await Promise.all([first.exited, collector.exited]);
      if (performance.now() - start > 15_000) throw new Error('it took longer than 15 s');
      if (collector.events.at(-1)?.code !== 'ABORTED')
        throw new Error('the collector did not say why it ended');
    },
  },
  {
    name: 'Redis is full for a while',
    trials: { short: 1, long: 20 },
    async run(trial, random) {
      const { redis, folder, collect, startWorker } = await stage(trial);
      const first = startWorker();
      const run = collect();
      await underWay(first);
      const startup = Number(/^used_memory_startup:(\d+)/m.exec(await redis.info('memory'))[1]);
      await redis.config('SET', 'maxmemory', String(startup + 100_000));
      await sleep(500 + random.next() * 1500);
      await redis.config('SET', 'maxmemory', '0');
      await run;
      await assertEqualToUndisturbed(folder, population);
    },
  },
  {
    name: 'crafted results and checkpoints, eight nets each: refused, and the nets trained',
    trials: { short: 1, long: 60 },
    counts: quick.count,
    async run(trial, random) {
      const { redis, folder, collect, startWorker } = await stage(trial, quick);
      const stop = new AbortController();
      const first = collect({ signal: stop.signal });
      await until(
        async () => (await redis.llen(`bull:${NAME}:wait`)) === quick.count,
        'all jobs are on the queue',
      );
      stop.abort();
      await first.catch(() => {});
      const { id } = await readManifest(folder);
      for (let index = 0; index < quick.count; index += 1) {
        const key = random.pick(['results', 'checkpoints']);
        await redis.hset(`${NAME}:data:${id}:${key}`, String(index), crafted(random));
      }
      startWorker();
      await collect();
      await assertEqualToUndisturbed(folder, quick);
    },
  },
  {
    name: 'crafted jobs and reports, eight each: refused, and the workers go on',
    trials: { short: 1, long: 40 },
    counts: 8,
    async run(trial, random) {
      const { redis, folder, collect, startWorker } = await stage(trial, quick);
      const first = startWorker();
      const run = collect();
      await until(() => first.events.length > 0, 'the worker is ready');
      for (let i = 0; i < 8; i += 1) {
        const id = `crafted-${i}`;
        await redis.hset(`bull:${NAME}:${id}`, {
          name: 'net',
          data: crafted(random),
          opts: '{}',
          timestamp: Date.now(),
          delay: 0,
          priority: 0,
        });
        await redis.lpush(`bull:${NAME}:wait`, id);
        await redis.zadd(`bull:${NAME}:marker`, 0, '0');
        await redis.xadd(
          `bull:${NAME}:events`,
          '*',
          'event',
          'progress',
          'jobId',
          id,
          'data',
          crafted(random),
        );
      }
      await run;
      await assertEqualToUndisturbed(folder, quick);
      first.child.kill('SIGINT');
      if ((await first.exited) !== 0) throw new Error(JSON.stringify(first.events.at(-1)));
    },
  },
].map((row) => ({ needs: missingRedis, ...row }));
