import { checkOptions } from '../_options.js';
import { queueAccessChecks, withQueue } from './cancel-population.js';
import type { QueueAccessOptions, QueueRemoval } from './queue-access.js';

/**
 * Empties a queue: cancels every population on it, also those whose folder is gone, and removes every key of it from
 * Redis, damaged ones included. Workers stay connected and wait. Nothing on any disk changes.
 *
 * @throws PopulationError `QUEUE_UNREACHABLE`, `QUEUE_REFUSED`, `INVALID_OPTION`
 */
export async function purgeQueue(options: QueueAccessOptions): Promise<QueueRemoval> {
  checkOptions('purgeQueue', options, {}, queueAccessChecks);
  return await withQueue(options, (admin) => admin.purge());
}
