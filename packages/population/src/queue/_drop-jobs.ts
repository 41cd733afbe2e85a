import type { Redis } from 'ioredis';

/** Where BullMQ lists the numbers of jobs. */
const LISTS = ['wait', 'active', 'paused'];
const SORTED_SETS = ['delayed', 'prioritized', 'completed', 'failed', 'waiting-children'];
const PARTS = ['lock', 'logs', 'dependencies', 'processed', 'failed', 'unsuccessful'];

/** Every key that fits, a few hundred at a time. Names of queues and populations hold no pattern characters. */
export async function* scanKeys(redis: Redis, pattern: string): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 500);
    if (keys.length > 0) yield keys;
    cursor = next;
  } while (cursor !== '0');
}

/**
 * Removes one job from wherever it is, whatever its hash holds: BullMQ's own removal wants to read it first. A worker that
 * has the job finds its lock gone.
 */
export async function dropJob(redis: Redis, queueName: string, id: string): Promise<void> {
  const pipeline = redis.pipeline();
  for (const list of LISTS) pipeline.lrem(`bull:${queueName}:${list}`, 0, id);
  for (const set of SORTED_SETS) pipeline.zrem(`bull:${queueName}:${set}`, id);
  pipeline.srem(`bull:${queueName}:stalled`, id);
  pipeline.del(`bull:${queueName}:${id}`, ...PARTS.map((part) => `bull:${queueName}:${id}:${part}`));
  await pipeline.exec();
}

/** Removes all jobs of a population. Returns how many there were. */
export async function dropJobs(redis: Redis, queueName: string, population: string): Promise<number> {
  const prefix = `bull:${queueName}:`;
  const ids = new Set<string>();
  for await (const keys of scanKeys(redis, `${prefix}${population}-*`)) {
    for (const key of keys) ids.add(key.slice(prefix.length).replace(/:.*$/, ''));
  }
  for (const id of ids) await dropJob(redis, queueName, id);
  return ids.size;
}
