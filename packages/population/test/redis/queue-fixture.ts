import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { type RunnerProcess, recipe } from '../support/population-fixture.js';
import { missingRedis } from './redis-server.js';

/** Why these tests cannot run here, or undefined. */
export const reason =
  process.env.MNIST_TEST_REDIS === '1'
    ? missingRedis()
    : 'they start servers and wait for time-outs of seconds; `pnpm --filter @mnist/population test:redis` runs them';
if (reason !== undefined) console.warn(`Skipped the tests with a real Redis: ${reason}.`);

const HEARTBEAT = 1500;

export const config = { steps: 200, stepDelayMs: 5, checkpointEvery: 10 };
export const workerOptions = {
  recipe,
  workers: 1,
  heartbeatTimeoutMs: HEARTBEAT,
  checkpointIntervalMs: 100,
  stopTimeoutMs: 5000,
};

export const ofType = (runner: RunnerProcess, type: string) =>
  runner.events.filter((event) => event.type === type);
export const reached = (runner: RunnerProcess, step: number) =>
  ofType(runner, 'checkpointSaved').some((event) => (event.step as number) >= step);

export async function expectNoBlobs(url: string): Promise<void> {
  const redis = new Redis(url);
  const keys = (await redis.keys('*:data:*')).filter((key) => !/:(present|wanted|results)$/.test(key));
  redis.disconnect();
  expect(keys).toEqual([]);
}
