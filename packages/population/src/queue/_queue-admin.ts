import type { Redis } from 'ioredis';
import { BlobStore } from './_blob-store.js';
import { dropJobs, scanKeys } from './_drop-jobs.js';
import { QueueConnections, queueUrl } from './_queue-connection.js';
import { isWrongType, toQueueError } from './_queue-errors.js';
import { keysOf, populationOfJob } from './_queue-messages.js';
import type { QueueRemoval, QueueTls } from './queue-access.js';

interface QueueAccess {
  readonly queue: string | undefined;
  readonly tls: QueueTls | undefined;
  readonly queueName: string;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Looks after a queue from outside: needs neither a recipe nor a folder, and repairs what others cannot read. */
export class QueueAdmin {
  private constructor(
    private readonly redis: Redis,
    private readonly queueName: string,
  ) {}

  static async use<T>(access: QueueAccess, work: (admin: QueueAdmin) => Promise<T>): Promise<T> {
    const { signal, queueName } = access;
    const connections = await QueueConnections.open({ ...access, queue: queueUrl(access.queue) });
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal?.reason);
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
    });
    try {
      return await Promise.race([work(new QueueAdmin(connections.main, queueName)), aborted]);
    } catch (error) {
      throw toQueueError(error, queueName);
    } finally {
      signal?.removeEventListener('abort', abort);
      await connections.close();
    }
  }

  /** @param count nets that the population may have on the queue */
  async cancel(population: string, count: number): Promise<QueueRemoval> {
    const { redis, queueName } = this;
    const blobs = new BlobStore(redis, queueName, population);
    // First: whoever looks from now on does not begin anew.
    await blobs.cancel();
    const jobs = await dropJobs(redis, queueName, population);
    const removed = await blobs.dropAll(Array.from({ length: count }, (_, index) => index));
    return { jobs, ...removed };
  }

  async purge(): Promise<QueueRemoval> {
    const { redis, queueName } = this;
    const keys = keysOf(queueName);
    const prefix = `bull:${queueName}:`;
    const populations = new Set<string>();
    for await (const found of scanKeys(redis, keys.all)) {
      for (const key of found) populations.add(keys.populationOf(key) ?? '');
    }
    for await (const found of scanKeys(redis, `${prefix}*`)) {
      for (const key of found)
        populations.add(populationOfJob(key.slice(prefix.length).replace(/:.*$/, '')) ?? '');
    }
    populations.delete('');
    const total = { jobs: 0, results: 0, checkpoints: 0 };
    for (const population of populations) {
      const { jobs, results, checkpoints } = await this.cancel(population, await this.countNets(population));
      total.jobs += jobs;
      total.results += results;
      total.checkpoints += checkpoints;
    }
    const kept = new Set([keys.present, ...[...populations].map((population) => keys.wanted(population))]);
    for await (const found of scanKeys(redis, keys.all)) {
      const dropped = found.filter((key) => !kept.has(key));
      if (dropped.length > 0) await redis.del(...dropped);
    }
    for await (const found of scanKeys(redis, `${prefix}*`)) await redis.del(...found);
    return total;
  }

  /** One more than the highest number of a net that has a result or a checkpoint. */
  private async countNets(population: string): Promise<number> {
    const keys = keysOf(this.queueName);
    let count = 0;
    for (const key of [keys.results(population), keys.checkpoints(population)]) {
      const fields = await this.redis.hkeys(key).catch((error) => {
        if (!isWrongType(error)) throw error;
        return [];
      });
      // Any number of them: whoever may write to the queue may have written these.
      for (const field of fields) if (/^\d{1,6}$/.test(field)) count = Math.max(count, 1 + Number(field));
    }
    return count;
  }
}
