import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  enqueuePopulation,
  openPopulation,
  type PopulationEvent,
  setAside,
  trainPopulation,
  verifyPopulation,
} from '@mnist/population';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import {
  leftovers,
  netContents,
  recipe,
  recipeModule,
  startQueueWorker,
  temporaryFolder,
  useJournal,
  waitUntil,
} from '../support/population-fixture.js';
import { config, expectNoBlobs, ofType, reason, workerOptions } from './queue-fixture.js';
import { freePort, RedisServer } from './redis-server.js';

describe.skipIf(reason !== undefined)('a population on a real Redis', { timeout: 120_000 }, () => {
  it('arrives whole from two workers, equal to a local one, and leaves nothing behind', async () => {
    const server = await RedisServer.start();
    const [folder, local] = [temporaryFolder(), temporaryFolder()];
    const quick = { steps: 60, checkpointEvery: 10 };
    const events: PopulationEvent[] = [];
    const workers = ['a', 'b'].map((name) => startQueueWorker({ ...workerOptions, name, queue: server.url }));
    const summary = await enqueuePopulation({
      queue: server.url,
      folder,
      count: 6,
      recipe,
      config: quick,
      seed: 2,
      onEvent: (event) => events.push(event),
    });
    expect([...summary.trained].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const worker of workers) worker.child.kill('SIGINT');
    expect(await Promise.all(workers.map((worker) => worker.exited))).toEqual([0, 0]);
    await trainPopulation({ folder: local, count: 6, recipe, config: quick, seed: 2 });
    expect(await netContents(folder)).toEqual(await netContents(local));
    expect((await verifyPopulation(folder)).ok).toBe(true);
    expect(leftovers(folder)).toEqual([]);
    expect(events.some((event) => event.type === 'started')).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'progress', progress: { complete: 6, fraction: 1 } });
    expect(await (await openPopulation(folder)).member(0).readEnvironment()).toMatchObject({
      runner: 'queue',
    });
    await expectNoBlobs(server.url);
  });

  it('hands a net back on Ctrl-C, with its checkpoint', async () => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    const run = enqueuePopulation({ queue: server.url, folder, count: 1, recipe, config });
    const patient = { ...workerOptions, checkpointIntervalMs: 1_000_000, heartbeatTimeoutMs: 60_000 };
    const first = startQueueWorker({ ...patient, name: 'first', queue: server.url });
    await waitUntil(
      () => ofType(first, 'reported').some((e) => (e.progress as { step: number }).step > 50),
      'step 50',
    );
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(0);
    expect(first.events.at(-1)).toMatchObject({ type: 'summary', accepted: 0, interrupted: 1 });
    const second = startQueueWorker({ ...patient, name: 'second', queue: server.url, idleTimeoutMs: 1000 });
    await run;
    expect(ofType(second, 'started')[0]!.fromStep).toBeGreaterThan(50);
    expect(await second.exited).toBe(0);
  });

  it('retries, gives up, and tries again at the next call', async () => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    useJournal();
    const worker = startQueueWorker({ ...workerOptions, name: 'w', queue: server.url });
    const options = {
      queue: server.url,
      folder,
      count: 2,
      recipe,
      config: { steps: 40, misbehave: { index: 1, how: 'throw', times: 3 } },
      retries: 1,
      retryDelayMs: 50,
    };
    await expect(enqueuePopulation(options)).rejects.toMatchObject({
      code: 'NETS_FAILED',
      failures: [
        {
          index: 1,
          error: { code: 'RECIPE_FAILED', message: expect.stringMatching(/NaN at half time.*on w/) },
        },
      ],
    });
    expect((await openPopulation(folder)).failures).toMatchObject([{ index: 1, code: 'RECIPE_FAILED' }]);
    const summary = await enqueuePopulation(options);
    expect(summary).toMatchObject({ kept: [0], trained: [1] });
    expect(ofType(worker, 'failed')).toHaveLength(3);
    // A net that was set aside is trained again, although the queue remembers that it was delivered.
    await setAside(folder, 0);
    expect(await enqueuePopulation(options)).toMatchObject({ kept: [1], trained: [0] });
  });

  it('collects later what was trained while nobody listened', async () => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    const stop = new AbortController();
    const options = { queue: server.url, folder, count: 2, recipe, config: { steps: 40 } };
    const first = enqueuePopulation({ ...options, signal: stop.signal });
    const redis = new Redis(server.url);
    await waitUntil(
      async () => (await redis.llen('bull:mnist-population:wait')) === 2,
      'the jobs are on the queue',
    );
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    expect(leftovers(folder)).toEqual([]);
    const worker = startQueueWorker({ ...workerOptions, queue: server.url, idleTimeoutMs: 800 });
    expect(await worker.exited).toBe(0);
    expect((await openPopulation(folder)).members).toHaveLength(0);
    expect((await enqueuePopulation(options)).trained.toSorted()).toEqual([0, 1]);
    redis.disconnect();
  });

  it('trains a net again whose result was damaged on the way', async () => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    const redis = new Redis(server.url);
    const stop = new AbortController();
    const options = { queue: server.url, folder, count: 1, recipe, config: { steps: 40 }, retryDelayMs: 10 };
    const first = enqueuePopulation({ ...options, signal: stop.signal });
    await waitUntil(
      async () => (await redis.llen('bull:mnist-population:wait')) === 1,
      'the job is on the queue',
    );
    stop.abort();
    await first.catch(() => {});
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await waitUntil(() => ofType(worker, 'finished').length === 1, 'the net has been trained');
    const [chunk] = await redis.keys('*:blob:*');
    await redis.setrange(chunk!, 100, 'damage');
    const events: PopulationEvent[] = [];
    await enqueuePopulation({ ...options, onEvent: (event) => events.push(event) });
    expect(events.find((event) => event.type === 'failed')).toMatchObject({
      error: { code: 'QUEUE_DATA_DAMAGED' },
    });
    expect(ofType(worker, 'finished')).toHaveLength(2);
    expect((await verifyPopulation(folder)).ok).toBe(true);
    redis.disconnect();
  });

  it('shares a folder with a local runner: no net is trained twice', async () => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    const journal = useJournal();
    const common = { folder, count: 4, recipe, config: { steps: 60, stepDelayMs: 3 } };
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await waitUntil(() => ofType(worker, 'ready').length === 1, 'the worker is ready');
    const [queued, local] = await Promise.all([
      enqueuePopulation({ ...common, queue: server.url }),
      trainPopulation({ ...common, workers: 1 }),
    ]);
    expect([...queued.trained, ...local.trained].sort()).toEqual([0, 1, 2, 3]);
    expect(journal.read().filter((entry) => entry.event === 'begin')).toHaveLength(4);
  });

  it('refuses workers of another recipe and queues of another protocol', async () => {
    const server = await RedisServer.start();
    const folder = temporaryFolder();
    const stop = new AbortController();
    const run = enqueuePopulation({
      queue: server.url,
      folder,
      count: 1,
      recipe,
      config,
      signal: stop.signal,
    });
    const code = 'export const recipe = { name: "logistic", version: "2", async train() {} }';
    const other = startQueueWorker({
      ...workerOptions,
      recipe: recipeModule(code),
      queue: server.url,
    });
    expect(await other.exited).toBe(3);
    expect(other.events.at(-1)).toMatchObject({
      code: 'RECIPE_MISMATCH',
      message: expect.stringMatching(/in use for recipe logistic 1 \(collector .*\); here it is logistic 2/),
    });
    const worker = startQueueWorker({ ...workerOptions, queue: server.url });
    await run;
    // And the other way round: what no worker could train is refused when it is enqueued.
    const enqueued = enqueuePopulation({
      queue: server.url,
      folder: temporaryFolder(),
      count: 1,
      recipe: recipeModule(code),
    });
    await expect(enqueued).rejects.toMatchObject({
      code: 'RECIPE_MISMATCH',
      message: expect.stringMatching(/in use for recipe logistic 1 \(worker .*\); here it is logistic 2/),
    });
    worker.child.kill('SIGINT');
    expect(await worker.exited).toBe(0);

    const redis = new Redis(server.url);
    const later = JSON.stringify([99, 'logistic', '1']);
    await redis.zadd('mnist-population:data:present', Date.now() / 1000 + 60, `${later}\nworker\nab-12\nx`);
    const text = /in use with protocol version 99; this version of @mnist\/population speaks 2/;
    const late = startQueueWorker({ ...workerOptions, queue: server.url });
    expect(await late.exited).toBe(3);
    expect(late.events.at(-1)).toMatchObject({
      code: 'QUEUE_PROTOCOL_MISMATCH',
      message: expect.stringMatching(text),
    });
    await expect(
      enqueuePopulation({ queue: server.url, folder, count: 2, recipe, config }),
    ).rejects.toMatchObject({ code: 'QUEUE_PROTOCOL_MISMATCH' });
    redis.disconnect();
  });

  it('takes user and password from the URL, and says what is wrong without telling the password', async () => {
    const server = await RedisServer.start(['user default off', 'user trainer on >s3cret ~* &* +@all']);
    const options = {
      folder: temporaryFolder(),
      count: 1,
      recipe,
      config: { steps: 20 },
      connectTimeoutMs: 3000,
    };
    const at = (userinfo: string) => `redis://${userinfo}127.0.0.1:${server.port}/0`;
    for (const queue of [at(''), at('trainer:wr0ng@')]) {
      const error = await enqueuePopulation({ ...options, queue }).catch((caught) => caught);
      expect(error).toMatchObject({
        code: 'QUEUE_REFUSED',
        kind: 'input',
        message: expect.stringMatching(/password/),
      });
      expect(error.message).not.toMatch(/wr0ng/);
    }
    const queue = at('trainer:s3cret@');
    const worker = startQueueWorker({ ...workerOptions, queue });
    expect((await enqueuePopulation({ ...options, queue })).trained).toEqual([0]);
    expect(ofType(worker, 'ready')[0]!.queue).toMatch(/trainer:\*\*\*@/);
  });

  it('speaks TLS', async () => {
    const folder = temporaryFolder();
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'].concat([
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        certificate,
      ]),
      { stdio: 'ignore' },
    );
    const server = await RedisServer.start([
      'tls-port 0',
      `tls-cert-file ${certificate}`,
      `tls-key-file ${key}`,
      'tls-auth-clients no',
    ]);
    const redis = new Redis(server.url);
    const port = await freePort();
    await redis.config('SET', 'tls-port', String(port));
    redis.disconnect();
    const queue = `rediss://127.0.0.1:${port}`;
    const tls = { ca: readFileSync(certificate, 'utf8') };
    const options = { queue, folder: temporaryFolder(), count: 1, recipe, config: { steps: 20 } };
    await expect(enqueuePopulation({ ...options, connectTimeoutMs: 2000 })).rejects.toMatchObject({
      code: 'QUEUE_UNREACHABLE',
      message: expect.stringMatching(/self-signed certificate/),
    });
    startQueueWorker({ ...workerOptions, queue, tls });
    expect((await enqueuePopulation({ ...options, tls })).trained).toEqual([0]);
  });
});
