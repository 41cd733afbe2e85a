import { signal, text } from '@mnist/kit';
import { checkOptions, milliseconds, object, queueName } from '../_options.js';
import { typed } from '../_typed-errors.js';
import { readManifest } from '../manifest.js';
import { queueDefaults } from './_queue-defaults.js';
import type { QueueAccessOptions, QueueRemoval } from './queue-access.js';

export interface CancelPopulationOptions extends QueueAccessOptions {
  /** The population folder. Nothing in it changes. */
  readonly folder: string;
}

export const queueAccessChecks = {
  queue: text,
  tls: object,
  queueName,
  connectTimeoutMs: milliseconds,
  signal,
};

/**
 * Takes a population off a queue: its jobs, checkpoints and uncollected results. Workers stop training its nets within
 * half of their `heartbeatTimeoutMs`; a collector that still waits rejects with `CANCELLED`. The nets in the folder stay,
 * and a later `enqueuePopulation` goes on with the rest.
 *
 * @throws PopulationError `NOT_A_POPULATION`, `QUEUE_UNREACHABLE`, `QUEUE_REFUSED`, `INVALID_OPTION`
 */
export async function cancelPopulation(options: CancelPopulationOptions): Promise<QueueRemoval> {
  checkOptions('cancelPopulation', options, { folder: text }, queueAccessChecks);
  const { id, count } = await readManifest(options.folder);
  return await withQueue(options, async (admin) => await admin.cancel(id, count));
}

/** Opens the queue for a moment. */
export async function withQueue<T>(
  options: QueueAccessOptions,
  work: (admin: import('./_queue-admin.js').QueueAdmin) => Promise<T>,
): Promise<T> {
  return await typed(async () => {
    // BullMQ and ioredis are loaded here and not before: a local run has no use for them.
    const { QueueAdmin } = await import('./_queue-admin.js');
    return await QueueAdmin.use(
      {
        queue: options.queue,
        tls: options.tls,
        queueName: options.queueName ?? queueDefaults.queueName,
        connectTimeoutMs: options.connectTimeoutMs ?? queueDefaults.connectTimeoutMs,
        signal: options.signal,
      },
      work,
    );
  });
}
