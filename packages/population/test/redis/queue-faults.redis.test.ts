// Faults of the queue under crafted data, outages and full memory; each test failed before its fault was mended.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cancelPopulation,
  enqueuePopulation,
  openPopulation,
  type PopulationEvent,
  purgeQueue,
  readManifest,
  runQueueWorker,
  trainPopulation,
  verifyPopulation,
} from '@mnist/population';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packFolder } from '../../src/queue/_pack-folder.js';
import {
  leftovers,
  recipe,
  recipeModule,
  startQueueWorker,
  startScript,
  temporaryFolder,
  waitUntil,
} from '../support/population-fixture.js';
import { ofType, reason, workerOptions } from './queue-fixture.js';
import { RedisServer } from './redis-server.js';

const config = { steps: 40 };
const NAME = 'mnist-population';

async function connect(server: RedisServer): Promise<Redis> {
  const redis = new Redis(server.url);
  redis.on('error', () => {}); // Servers are killed here.
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** A population whose jobs are on the queue, and whose collector has gone. */
async function enqueued(server: RedisServer, count: number, more: object = {}) {
  const folder = temporaryFolder();
  const options = { queue: server.url, folder, count, recipe, config, retryDelayMs: 10, ...more };
  const stop = new AbortController();
  const run = enqueuePopulation({ ...options, signal: stop.signal });
  const redis = await connect(server);
  await waitUntil(async () => (await redis.llen(`bull:${NAME}:wait`)) === count, 'the jobs are on the queue');
  stop.abort();
  await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  const { id } = await readManifest(folder);
  return {
    options,
    redis,
    id,
    results: `${NAME}:data:${id}:results`,
    checkpoints: `${NAME}:data:${id}:checkpoints`,
  };
}

/** A blob in Redis, and the reference to it. */
async function putBlob(redis: Redis, data: Buffer): Promise<string> {
  const id = randomUUID();
  await redis.set(`${NAME}:data:blob:${id}:0`, data);
  const sha256 = createHash('sha256').update(data).digest('hex');
  return JSON.stringify({ id, chunks: 1, bytes: data.length, sha256, step: 0, worker: 'crafty' });
}

function pack(files: readonly { path: string; content: string }[]): Buffer {
  const header = Buffer.from(
    JSON.stringify(files.map(({ path, content }) => ({ path, bytes: Buffer.byteLength(content) }))),
  );
  const start = Buffer.alloc(8);
  start.write('MNPF', 'latin1');
  start.writeUInt32LE(header.length, 4);
  return Buffer.concat([start, header, ...files.map(({ content }) => Buffer.from(content))]);
}

/** A net that was really trained, with one thing changed and sums that fit. */
async function forgedNet(change: (folder: string) => Record<string, { bytes: number; sha256: string }>) {
  const folder = temporaryFolder();
  await trainPopulation({ folder, count: 1, recipe, config });
  const net = join(folder, 'nets', '0000');
  const extra = change(net);
  const path = join(net, 'checksums.json');
  const checksums = JSON.parse(readFileSync(path, 'utf8'));
  const files = { ...checksums.files, ...extra };
  const lines = Object.keys(files)
    .filter((file) => file !== 'environment.json')
    .sort()
    .map((file) => `${file}\n${files[file].bytes}\n${files[file].sha256}\n`);
  const digest = createHash('sha256').update(lines.join('')).digest('hex');
  writeFileSync(path, JSON.stringify({ ...checksums, files, digest }));
  return await packFolder(net);
}

const sumOf = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const reference = (changes: object) =>
  JSON.stringify({
    id: randomUUID(),
    chunks: 1,
    bytes: 10,
    sha256: '0'.repeat(64),
    step: 0,
    worker: 'w',
    ...changes,
  });

describe.skipIf(reason !== undefined)('crafted data on the queue', { timeout: 60_000 }, () => {
  const crafted: Record<string, (redis: Redis) => Promise<string> | string> = {
    'no JSON': () => 'garbage \u001b[2J',
    'another form': () => '{"a":1}',
    '2^53 - 1 chunks': () => reference({ chunks: Number.MAX_SAFE_INTEGER, bytes: 10 }),
    '1e8 chunks': () => reference({ chunks: 1e8, bytes: 1e8 }),
    'as many chunks as its bytes need': () => reference({ chunks: 25e6, bytes: 25e6 * 4 * 1024 * 1024 }),
    'an id that leads elsewhere': () => reference({ id: 'x:y' }),
    'a megabyte of reference': () => reference({ worker: 'w'.repeat(1 << 20) }),
    'a file that is a folder too': (redis) =>
      putBlob(
        redis,
        pack([
          { path: 'a', content: '1' },
          { path: 'a/b', content: '2' },
        ]),
      ),
    'a name of 300 bytes': (redis) => putBlob(redis, pack([{ path: 'n'.repeat(300), content: '1' }])),
    'the same name twice': (redis) =>
      putBlob(
        redis,
        pack([
          { path: 'a', content: '1' },
          { path: 'a', content: '2' },
        ]),
      ),
    'probabilities that are NaN': async (redis) =>
      putBlob(
        redis,
        await forgedNet((net) => {
          const bytes = readFileSync(join(net, 'probabilities.npy'));
          bytes.writeFloatLE(Number.NaN, bytes.length - 4);
          writeFileSync(join(net, 'probabilities.npy'), bytes);
          return { 'probabilities.npy': { bytes: bytes.length, sha256: sumOf(bytes) } };
        }),
      ),
    'a path outside': async (redis) =>
      putBlob(
        redis,
        await forgedNet((net) => {
          const { length } = readFileSync('/etc/hostname');
          expect(net).toBeTruthy();
          return {
            '../../../../../../etc/hostname': { bytes: length, sha256: sumOf(readFileSync('/etc/hostname')) },
          };
        }),
      ),
  };

  it.each(Object.keys(crafted))('a result with %s is refused, and that net trained again', async (kind) => {
    const server = await RedisServer.start();
    const { options, redis, results } = await enqueued(server, 2);
    await redis.hset(results, '0', await crafted[kind]!(redis));
    startQueueWorker({ ...workerOptions, queue: server.url });
    const events: PopulationEvent[] = [];
    const summary = await enqueuePopulation({ ...options, onEvent: (event) => events.push(event) });
    expect(summary.trained.toSorted()).toEqual([0, 1]);
    const [failed] = events.filter((event) => event.type === 'failed');
    expect(failed).toMatchObject({ index: 0, error: { code: 'QUEUE_DATA_DAMAGED' } });
    expect(failed!.error.message).not.toContain('\u001b');
    expect((await verifyPopulation(options.folder)).ok).toBe(true);
    expect(process.memoryUsage().rss).toBeLessThan(1.5e9);
  });

  it('a worker that sends nothing else is given up in the end', async () => {
    const server = await RedisServer.start();
    const { options, redis, results } = await enqueued(server, 1, { retries: 1 });
    const spoil = setInterval(() => void redis.hset(results, '0', 'garbage'), 50);
    onTestFinished(() => clearInterval(spoil));
    await expect(enqueuePopulation(options)).rejects.toMatchObject({
      code: 'NETS_FAILED',
      failures: [{ index: 0, attempts: 2, error: { code: 'QUEUE_DATA_DAMAGED' } }],
    });
  });

  it('keys of another type, and jobs that are no JSON, are put right', async () => {
    const server = await RedisServer.start();
    const { options, redis, id, results, checkpoints } = await enqueued(server, 2);
    await redis.del(results, checkpoints);
    await redis.set(results, 'a string');
    await redis.set(checkpoints, 'a string');
    await redis.hset(`bull:${NAME}:${id}-0000`, 'data', '{"half');
    await redis.del(`bull:${NAME}:${id}-0001`);
    await redis.set(`bull:${NAME}:${id}-0001`, 'a string');
    const run = enqueuePopulation(options);
    await waitUntil(
      async () => (await redis.type(`bull:${NAME}:${id}-0001`)) === 'hash',
      'the job is put right',
    );
    startQueueWorker({ ...workerOptions, queue: server.url });
    expect((await run).trained.toSorted()).toEqual([0, 1]);
  });

  it.each([
    ['garbage', 'garbage'],
    ['2^53 - 1 chunks', reference({ chunks: Number.MAX_SAFE_INTEGER, step: 3 })],
    ['a step of 1e308', reference({ step: 1e308 })],
  ])('a checkpoint of %s costs nothing and stops nobody', async (_, text) => {
    const server = await RedisServer.start();
    const { options, redis, checkpoints } = await enqueued(server, 1, {
      config: { steps: 120, stepDelayMs: 5, checkpointEvery: 10 },
    });
    await redis.hset(checkpoints, '0', text);
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    expect((await enqueuePopulation(options)).trained).toEqual([0]);
    expect(ofType(worker, 'checkpointSaved').length).toBeGreaterThan(0);
    expect(ofType(worker, 'failed')).toEqual([]);
  });

  it('a checkpoint that cannot be unpacked is set aside', async () => {
    const server = await RedisServer.start();
    const { options, redis, checkpoints } = await enqueued(server, 1);
    const blob = await putBlob(
      redis,
      pack([
        { path: 'a', content: '1' },
        { path: 'a/b', content: '2' },
      ]),
    );
    await redis.hset(checkpoints, '0', blob);
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    expect((await enqueuePopulation(options)).trained).toEqual([0]);
    expect(ofType(worker, 'started')).toMatchObject([{ attempt: 1, fromStep: 0 }]);
  });

  it('a job that makes no sense fails alone: the workers go on', async () => {
    const server = await RedisServer.start();
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await waitUntil(() => ofType(worker, 'ready').length === 1, 'the worker is ready');
    const redis = await connect(server);
    const queue = new Queue(NAME, { connection: redis });
    const good = {
      protocol: 2,
      population: randomUUID(),
      index: 0,
      seed: 1,
      recipe: { name: 'logistic', version: '1' },
      config: null,
    };
    const bad = [
      null,
      { ...good, index: -1 },
      { ...good, index: 1e15 },
      { ...good, extra: '\u001b]0;owned\u0007' },
      { ...good, protocol: 99 },
      { ...good, recipe: { name: 'logistic', version: '\u001b[31m2' } },
      { ...good, constructor: 1 },
      'text',
    ];
    for (const [i, data] of bad.entries()) await queue.add('net', data, { jobId: `bad-${i}`, attempts: 5 });
    await waitUntil(() => ofType(worker, 'refused').length === bad.length, 'all are refused');
    expect(JSON.stringify(worker.events)).not.toMatch(/\\u001b/);
    const folder = temporaryFolder();
    expect(
      (await enqueuePopulation({ queue: server.url, folder, count: 2, recipe, config })).trained,
    ).toHaveLength(2);
    worker.child.kill('SIGINT');
    expect(await worker.exited).toBe(0);
  });

  it('reports bring no escape sequences and no nonsense to the listener', async () => {
    const server = await RedisServer.start();
    const redis = await connect(server);
    const events: PopulationEvent[] = [];
    const stop = new AbortController();
    const folder = temporaryFolder();
    const run = enqueuePopulation({
      queue: server.url,
      folder,
      count: 1,
      recipe,
      config,
      signal: stop.signal,
      onEvent: (event) => events.push(event),
    });
    await waitUntil(async () => (await redis.llen(`bull:${NAME}:wait`)) === 1, 'the job is on the queue');
    const jobId = `${(await readManifest(folder)).id}-0000`;
    const say = async (data: string) =>
      await redis.xadd(`bull:${NAME}:events`, '*', 'event', 'progress', 'jobId', jobId, 'data', data);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await say('{"half');
    await new Promise((resolve) => setTimeout(resolve, 800)); // The listener begins anew.
    await say(JSON.stringify({ kind: 'reported', worker: 'w', progress: { step: -5, totalSteps: 0 } }));
    await say(
      JSON.stringify({ kind: 'log', worker: 'w', message: `\u001b]0;owned\u0007${'x'.repeat(1e5)}` }),
    );
    await waitUntil(() => events.some(({ type }) => type === 'log'), 'the message arrives');
    const [log] = events.filter((event) => event.type === 'log');
    expect(log!.message).toMatch(/^\\x1b\]0;owned\\x07x+\.\.\.$/);
    expect(log!.message.length).toBeLessThan(5000);
    expect(events.filter(({ type }) => type === 'reported')).toEqual([]);
    stop.abort();
    await run.catch(() => {});
  });
});

describe.skipIf(reason !== undefined)('a Redis that is away, full or strict', { timeout: 60_000 }, () => {
  it('does not keep a worker from stopping, in training or idle', async () => {
    for (const idle of [true, false]) {
      const server = await RedisServer.start();
      if (!idle) await enqueued(server, 1, { config: { steps: 100_000, stepDelayMs: 5 } });
      const worker = startQueueWorker({ ...workerOptions, stopTimeoutMs: 1000, queue: server.url });
      await waitUntil(
        () => ofType(worker, idle ? 'ready' : 'reported').length > 0,
        'the worker is under way',
      );
      await server.kill();
      await waitUntil(() => ofType(worker, 'connection').length > 0, 'it has noticed');
      const start = performance.now();
      worker.child.kill('SIGINT');
      expect(await worker.exited).toBe(0);
      expect(performance.now() - start).toBeLessThan(9000);
      expect(worker.events.at(-1)).toMatchObject({ type: 'summary', interrupted: idle ? 0 : 1 });
    }
  });

  it('does not keep a worker from noticing that it has been idle', async () => {
    const server = await RedisServer.start();
    const worker = startQueueWorker({ ...workerOptions, idleTimeoutMs: 2500, queue: server.url });
    await waitUntil(() => ofType(worker, 'ready').length > 0, 'the worker is ready');
    await server.kill();
    expect(await worker.exited).toBe(0);
  });

  it('does not keep a collector from stopping: it rejects with the reason, and the process ends', async () => {
    const server = await RedisServer.start();
    const url = new URL('../support/run-collector.mjs', import.meta.url);
    const collector = startScript(
      url,
      { queue: server.url, folder: temporaryFolder(), count: 2, recipe, config },
      [],
    );
    await waitUntil(() => ofType(collector, 'workers').length > 0, 'the collector is under way');
    await server.kill();
    await waitUntil(() => ofType(collector, 'connection').length > 0, 'it has noticed');
    const start = performance.now();
    collector.child.kill('SIGINT');
    expect(await collector.exited).toBe(3);
    expect(performance.now() - start).toBeLessThan(6000);
    expect(collector.events.at(-1)).toMatchObject({ type: 'error', code: 'ABORTED' });
  });

  it('when full: what is collected is freed, and the collector goes on', async () => {
    const server = await RedisServer.start();
    const { options, redis } = await enqueued(server, 2);
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await waitUntil(() => ofType(worker, 'finished').length === 2, 'both nets wait');
    worker.child.kill('SIGINT');
    await worker.exited;
    const events: PopulationEvent[] = [];
    await redis.config('SET', 'maxmemory', '1');
    const run = enqueuePopulation({ ...options, onEvent: (event) => events.push(event) });
    // It needs no more room than there is: what it takes away makes some.
    expect((await run).trained.toSorted()).toEqual([0, 1]);
    expect(events.some(({ type }) => type === 'queueFull')).toBe(true);
    expect(await redis.keys('*:blob:*')).toEqual([]);
  });

  it('that fills up between the download and the note of it loses nothing', async () => {
    const { BlobStore } = await import('../../src/queue/_blob-store.js');
    const server = await RedisServer.start();
    const redis = await connect(server);
    const blobs = new BlobStore(redis, NAME, randomUUID());
    await blobs.want(true);
    expect(await blobs.offerResult(0, Buffer.from('a net'), 'w')).toBe(true);
    const [waiting] = [...(await blobs.waitingResults([0])).values()];
    await redis.config('SET', 'maxmemory', '1');
    await blobs.markCollected(0, waiting as never);
    expect(await redis.keys('*:blob:*')).toEqual([]);
    await redis.config('SET', 'maxmemory', '0');
    // A late copy still finds the place taken.
    expect(await blobs.offerResult(0, Buffer.from('a net'), 'late')).toBe(false);
    // And what was refused half-way is not left behind.
    await redis.config('SET', 'maxmemory', '1');
    await expect(blobs.offerResult(1, Buffer.alloc(9e6), 'w')).rejects.toThrow(/OOM/);
    expect(await redis.keys('*:blob:*')).toEqual([]);
  });

  it('that is smaller than a net is an error, not an endless offer', async () => {
    const server = await RedisServer.start();
    const large = recipeModule(`
      import { writeFileSync } from 'node:fs';
      export const recipe = { name: 'large', version: '1', async train({ outputFolder }) {
        writeFileSync(outputFolder + '/weights.bin', Buffer.alloc(6e6, 'x'));
        return { metrics: {}, probabilities: { data: Float32Array.of(1), shape: [1, 1] } };
      } };`);
    const redis = await connect(server);
    const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);
    await redis.config('SET', 'maxmemory', String(used + 4e6));
    startQueueWorker({ ...workerOptions, recipe: large, queue: server.url });
    const run = enqueuePopulation({ queue: server.url, folder: temporaryFolder(), count: 3, recipe: large });
    // And for all nets at once: the next one is as large.
    await expect(run).rejects.toMatchObject({ code: 'QUEUE_TOO_SMALL', failures: [{ attempts: 1 }] });
    expect(await redis.keys('*:blob:*')).toEqual([]);
  });

  it('that allows no scripts is refused at the start, by workers and collectors', async () => {
    const server = await RedisServer.start(['user trainer on >x ~* &* +@all -@scripting']);
    const queue = server.url.replace('//', '//trainer:x@');
    for (const run of [
      () => runQueueWorker({ queue, recipe, idleTimeoutMs: 500 }),
      () => enqueuePopulation({ queue, recipe, folder: temporaryFolder(), count: 1 }),
    ]) {
      await expect(run()).rejects.toMatchObject({
        code: 'QUEUE_REFUSED',
        kind: 'environment',
        message: expect.stringMatching(/scripts/),
      });
    }
  });

  it('that allows not every key is refused with words, not with silence', async () => {
    const server = await RedisServer.start([`user trainer on >x ~${NAME}:* &* +@all`]);
    const queue = server.url.replace('//', '//trainer:x@');
    for (const run of [
      () => runQueueWorker({ queue, recipe, idleTimeoutMs: 4000 }),
      () => enqueuePopulation({ queue, recipe, folder: temporaryFolder(), count: 1 }),
    ]) {
      await expect(run()).rejects.toMatchObject({ name: 'PopulationError', code: 'QUEUE_REFUSED' });
    }
  });
});

describe.skipIf(reason !== undefined)('a worker that cannot write', { timeout: 60_000 }, () => {
  it('says so and takes no net', async () => {
    const server = await RedisServer.start();
    const { options } = await enqueued(server, 4);
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const broken = startQueueWorker({ ...workerOptions, workFolder: join(file, 'work'), queue: server.url });
    expect(await broken.exited).toBe(3);
    expect(broken.events).toMatchObject([{ type: 'error', code: 'STORAGE_FAILED', kind: 'environment' }]);
    startQueueWorker({ ...workerOptions, queue: server.url });
    expect((await enqueuePopulation(options)).trained).toHaveLength(4);
  });

  it('any more hands its net back and ends; the net loses no attempt', async () => {
    const server = await RedisServer.start();
    const { options } = await enqueued(server, 3, { retries: 0, config: { steps: 60, stepDelayMs: 5 } });
    const workFolder = join(temporaryFolder(), 'work');
    const broken = startQueueWorker({ ...workerOptions, workFolder, queue: server.url });
    await waitUntil(() => ofType(broken, 'started').length === 1, 'the first net is under way');
    const own = readdirSync(workFolder).find((name) => name !== 'claims')!;
    await waitUntil(() => {
      // Between two nets its folder turns into a file.
      if (ofType(broken, 'finished').length === 0) return false;
      rmSync(join(workFolder, own), { recursive: true, force: true });
      writeFileSync(join(workFolder, own), '');
      return true;
    }, 'the folder is gone');
    expect(await broken.exited).toBe(3);
    expect(broken.events.at(-1)).toMatchObject({ type: 'error', code: 'STORAGE_FAILED' });
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    expect((await enqueuePopulation(options)).trained).toHaveLength(3);
    expect(ofType(worker, 'failed')).toEqual([]);
  });

  it('and one that was killed leaves a folder that the next one removes', async () => {
    const server = await RedisServer.start();
    await enqueued(server, 1, { config: { steps: 100_000, stepDelayMs: 5 } });
    const workFolder = temporaryFolder();
    mkdirSync(join(workFolder, 'mine'));
    const killed = startQueueWorker({ ...workerOptions, workFolder, queue: server.url });
    await waitUntil(() => ofType(killed, 'started').length === 1, 'the net is under way');
    killed.child.kill('SIGKILL');
    await killed.exited;
    const [left] = readdirSync(workFolder).filter((name) => /^[0-9a-f-]{36}$/.test(name));
    const next = startQueueWorker({ ...workerOptions, workFolder, queue: server.url });
    await waitUntil(() => ofType(next, 'ready').length === 1, 'the next worker is ready');
    expect(existsSync(join(workFolder, left!))).toBe(false);
    next.child.kill('SIGINT');
    await next.exited;
    expect(readdirSync(workFolder).sort()).toEqual(['claims', 'mine']);
    expect(readdirSync(join(workFolder, 'claims'))).toEqual([]);
  });
});

describe.skipIf(reason !== undefined)('a population that nobody wants any more', { timeout: 60_000 }, () => {
  it('is cancelled: jobs, results and checkpoints go, its worker stops, its collector hears of it', async () => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    const events: PopulationEvent[] = [];
    const options = { queue: server.url, folder, count: 3, recipe };
    const collector = enqueuePopulation({
      ...options,
      config: { steps: 100_000, stepDelayMs: 5, checkpointEvery: 20 },
      onEvent: (event) => events.push(event),
    });
    collector.catch(() => {});
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await waitUntil(() => ofType(worker, 'checkpointSaved').length > 0, 'a checkpoint is there');
    expect(await cancelPopulation({ queue: server.url, folder })).toEqual({
      jobs: 3,
      results: 0,
      checkpoints: 1,
    });
    await expect(collector).rejects.toMatchObject({ code: 'CANCELLED' });
    await waitUntil(() => ofType(worker, 'interrupted').length > 0, 'the worker stops');
    const redis = await connect(server);
    await waitUntil(
      async () =>
        (await redis.keys('*')).every((key) => !/blob|checkpoints|results|:wait$|:active$|-000\d/.test(key)),
      'nothing is left',
    );
    expect(leftovers(folder).filter((path) => path.startsWith('claims'))).toEqual([]);
    worker.child.kill('SIGINT');
    expect(await worker.exited).toBe(0);
  });

  it('is wanted again by the next call', async () => {
    const server = await RedisServer.start();
    const { options } = await enqueued(server, 2);
    await cancelPopulation({ queue: server.url, folder: options.folder });
    startQueueWorker({ ...workerOptions, queue: server.url });
    expect((await enqueuePopulation(options)).trained).toHaveLength(2);
  });

  it('is purged with all others, damaged keys included', async () => {
    const server = await RedisServer.start();
    const { options, redis, results } = await enqueued(server, 2);
    await redis.hset(results, '0', 'garbage');
    await redis.set(`bull:${NAME}:strange`, 'x');
    await redis.set(`${NAME}:data:strange`, 'x');
    const removed = await purgeQueue({ queue: server.url });
    expect(removed.jobs).toBeGreaterThanOrEqual(2);
    expect((await redis.keys('*')).filter((key) => !/:wanted$|:present$/.test(key))).toEqual([]);
    startQueueWorker({ ...workerOptions, queue: server.url });
    expect((await enqueuePopulation(options)).trained).toHaveLength(2);
  });

  it('is purged although somebody wrote 200,000 fields to it', async () => {
    const server = await RedisServer.start();
    const { redis, results } = await enqueued(server, 1);
    for (let at = 0; at < 200_000; at += 10_000) {
      await redis.hset(
        results,
        Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x${at + i}`, 'x'])),
      );
    }
    expect(await purgeQueue({ queue: server.url })).toMatchObject({ jobs: 1 });
    expect(await redis.exists(results)).toBe(0);
  });

  it('is not trained by workers when nobody has asked for it for a week', async () => {
    const server = await RedisServer.start();
    const { redis, id } = await enqueued(server, 2);
    await redis.del(`${NAME}:data:${id}:wanted`); // As its expiry does.
    const worker = startQueueWorker({ ...workerOptions, queue: server.url, idleTimeoutMs: 1000 });
    expect(await worker.exited).toBe(0);
    expect(ofType(worker, 'started')).toEqual([]);
    expect(ofType(worker, 'interrupted')).toHaveLength(2);
  });

  it('leaves no key behind that does not expire', async () => {
    const server = await RedisServer.start();
    const { options, redis } = await enqueued(server, 3);
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await enqueuePopulation({ ...options, count: 2 });
    worker.child.kill('SIGINT');
    await worker.exited;
    const keys = await redis.keys('*');
    const lasting: string[] = [];
    for (const key of keys) if ((await redis.ttl(key)) < 0) lasting.push(key);
    expect(lasting).toEqual([]);
  });
});

describe.skipIf(reason !== undefined)('the progress of a population on a queue', { timeout: 60_000 }, () => {
  it('says within seconds that no worker is connected, and when one is', async () => {
    const server = await RedisServer.start();
    const events: PopulationEvent[] = [];
    const folder = temporaryFolder();
    const start = performance.now();
    const run = enqueuePopulation({
      queue: server.url,
      folder,
      count: 1,
      recipe,
      config: { steps: 2000, stepDelayMs: 5 },
      onEvent: (event) => events.push(event),
    });
    await waitUntil(() => events.some(({ type }) => type === 'workers'), 'it looks for workers');
    expect(performance.now() - start).toBeLessThan(5000);
    expect(events.find((event) => event.type === 'workers')).toMatchObject({ names: [] });
    const worker = startQueueWorker({ ...workerOptions, name: 'w\u001b[2J', queue: server.url });
    await waitUntil(
      () => events.some((event) => event.type === 'workers' && event.names[0] === 'w\\x1b[2J'),
      'the worker is seen',
    );
    await waitUntil(() => {
      const last = events.findLast((event) => event.type === 'progress');
      return last?.type === 'progress' && last.progress.connectedWorkers === 1;
    }, 'the progress counts it');
    worker.child.kill('SIGINT');
    await waitUntil(() => {
      const last = events.findLast((event) => event.type === 'workers');
      return last?.type === 'workers' && last.names.length === 0;
    }, 'its end is seen');
    expect((await openPopulation(folder)).members).toHaveLength(0);
    await cancelPopulation({ queue: server.url, folder });
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is refused when it is enqueued for a recipe that the connected workers do not have', async () => {
    const server = await RedisServer.start();
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await waitUntil(() => ofType(worker, 'ready').length === 1, 'the worker is ready');
    const other = recipeModule('export const recipe = { name: "logistic", version: "2", async train() {} }');
    await expect(
      enqueuePopulation({ queue: server.url, folder: temporaryFolder(), count: 1, recipe: other }),
    ).rejects.toMatchObject({ code: 'RECIPE_MISMATCH' });
    worker.child.kill('SIGINT');
    expect(await worker.exited).toBe(0);
  });
});
