import { enqueuePopulation, runQueueWorker } from '@mnist/population';
import { describe, expect, it } from 'vitest';
import { recipe, temporaryFolder } from './support/population-fixture.js';

describe('a queue that is not there', () => {
  it('is reported in time, with the password hidden', async () => {
    // Port 1 of the loopback device: nobody listens.
    const queue = 'redis://user:s3cret@127.0.0.1:1/0';
    for (const run of [
      () => enqueuePopulation({ queue, folder: temporaryFolder(), count: 1, recipe, connectTimeoutMs: 300 }),
      () => runQueueWorker({ queue, recipe, connectTimeoutMs: 300 }),
    ]) {
      await expect(run()).rejects.toMatchObject({
        code: 'QUEUE_UNREACHABLE',
        message: expect.stringMatching(
          /user:\*\*\*@127\.0\.0\.1:1\/0 does not answer within 300 ms: connect ECONNREFUSED/,
        ),
      });
    }
  });

  it.each([
    [{ queue: 'http://host' }, /queue is http:\/\/host\/; expected a URL such as redis:/],
    [{ queueName: 'a:b' }, /queueName is "a:b"/],
    [{ attempts: 3 }, /unknown option "attempts"/],
  ])('is refused with the options %o', async (wrong, text) => {
    const options = { queue: 'redis://localhost', folder: temporaryFolder(), count: 1, recipe, ...wrong };
    await expect(enqueuePopulation(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(text),
    });
  });
});
