import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tiny, useProgram } from './support/program.js';
import { startRedis, whyNoRedis } from './support/redis.js';

const reason = whyNoRedis();
if (reason !== undefined) console.warn(`Skipped the queue as a user sees it: ${reason}.`);
const { place, run, start } = useProgram();

/** Two nets of seconds each. */
const population = (folder: string, queue: string, epochs = 1) => [
  ...['population', folder, '--preset', 'quick', '--count', '2', '--epochs', String(epochs)],
  ...['--annihilation', '0', '--queue', queue, '--json', ...tiny],
];

describe('a queue that is not there', () => {
  it.each([
    ['population', ['population', 'p', '--preset', 'quick', ...tiny, '--queue']],
    ['worker', ['worker', '--queue']],
    ['cancel', ['cancel', 'c', '--queue']],
    ['purge', ['purge', '--queue']],
  ])(
    '%s says so (3), and shows no password',
    async (name, args) => {
      if (name === 'cancel' && reason !== undefined) return;
      if (name === 'cancel') await enqueuedAndLeft('c');
      const { code, err } = await run([...args, 'redis://me:s3cret@127.0.0.1:1/0']);
      expect(err).toMatch(/127\.0\.0\.1:1/);
      expect(err).not.toMatch(/s3cret/);
      expect(code, err).toBe(3);
    },
    90_000,
  );
});

describe.skipIf(reason !== undefined)('the queue as a user sees it', { timeout: 180_000 }, () => {
  it('population and worker: nets arrive; who is connected is shown; both stop at Ctrl-C', async () => {
    const redis = await startRedis(place.folder);
    const collector = start(population('queued', redis.url));
    await collector.printed(/no worker is connected to the queue/);
    const worker = start(['worker', '--json'], { MNIST_QUEUE_URL: redis.url });
    await collector.printed(/connected to the queue: /);
    const { code, out, err } = await collector.finished;
    expect(code, err).toBe(0);
    expect(JSON.parse(out).nets).toHaveLength(2);
    worker.child.kill('SIGINT');
    const ended = await worker.finished;
    expect(ended.code, ended.err).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({ accepted: 2, failed: 0 });
  });

  it('a Redis that goes away is shown, and keeps nobody from stopping: 130', async () => {
    const redis = await startRedis(place.folder);
    const collector = start(population('left', redis.url, 50));
    const worker = start(['worker', '--queue', redis.url, '--workers', '1']);
    await worker.printed(/net \d+: starts/);
    redis.kill();
    await Promise.all([
      collector.printed(/connection to the queue: lost, trying again/),
      worker.printed(/connection to the queue: lost, trying again/),
    ]);
    collector.child.kill('SIGINT');
    worker.child.kill('SIGINT');
    const [first, second] = await Promise.all([collector.finished, worker.finished]);
    expect(first.code, first.err).toBe(130);
    expect(second.code, second.err).toBe(130);
  });

  it('a full Redis is shown', async () => {
    const redis = await startRedis(place.folder, ['--maxmemory', '1']);
    const collector = start(population('full', redis.url));
    await collector.printed(/Redis is full; waiting for room/);
    collector.child.kill('SIGINT');
    expect((await collector.finished).code).toBe(130);
  });

  it('cancel takes a population off the queue, purge all of them; a wrong password is wrong input (2)', async () => {
    const redis = await startRedis(place.folder, ['--requirepass', 'right']);
    await enqueuedAndLeft('unwanted', redis.url);
    const wrong = await run(['purge', '--queue', redis.url.replace('right', 'wr0ng')]);
    expect(wrong.err).toMatch(/password/);
    expect(wrong.err).not.toMatch(/wr0ng/);
    expect(wrong.code, wrong.err).toBe(2);
    const cancelled = await run(['cancel', 'unwanted', '--queue', redis.url, '--json']);
    expect(cancelled.code, cancelled.err).toBe(0);
    expect(JSON.parse(cancelled.out)).toEqual({ jobs: 2, results: 0, checkpoints: 0 });
    await enqueuedAndLeft('another', redis.url);
    const purged = await run(['purge', '--queue', redis.url, '--json']);
    expect(JSON.parse(purged.out)).toMatchObject({ jobs: 2 });
  });
});

/** A population whose jobs are on the queue (of a Redis of its own by default), and whose collector has gone. */
async function enqueuedAndLeft(folder: string, queue?: string): Promise<void> {
  const collector = start(population(folder, queue ?? (await startRedis(place.folder)).url));
  await collector.printed(/no worker is connected to the queue/);
  collector.child.kill('SIGINT');
  expect((await collector.finished).code).toBe(130);
  expect(existsSync(join(place.folder, folder, 'manifest.json'))).toBe(true);
}
