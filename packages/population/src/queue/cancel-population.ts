import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { checkOptions, checks } from '../_options.js';
import { typed } from '../_typed-errors.js';
import { readManifest } from '../manifest.js';
import { queueDefaults } from './_queue-defaults.js';

/** Where the queue is. */
export interface QueueAccessOptions {
  /** `redis://user:password@host:port/database`, or `rediss://...`. Default: MNIST_QUEUE_URL of the environment. */
  readonly queue?: string;
  /** TLS options for rediss://. */
  readonly tls?: TlsOptions;
  /** Default 'mnist-population'. */
  readonly queueName?: string;
  /** How long to wait for Redis at the start, ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface CancelPopulationOptions extends QueueAccessOptions {
  /** The population folder. Nothing in it changes. */
  readonly folder: string;
}

/** What was taken off a queue. */
export interface QueueRemoval {
  /** Nets that were waiting or in training. */
  readonly jobs: number;
  /** Trained nets that nobody had collected. */
  readonly results: number;
  readonly checkpoints: number;
}

export const queueAccessChecks = {
  queue: checks.text,
  tls: checks.object,
  queueName: checks.queueName,
  connectTimeoutMs: checks.milliseconds,
  signal: checks.signal,
};

/**
 * Takes a population off a queue: its jobs, checkpoints and uncollected results. Workers stop training its nets within
 * half of their `heartbeatTimeoutMs`; a collector that still waits rejects with `CANCELLED`. The nets in the folder stay,
 * and a later `enqueuePopulation` goes on with the rest.
 *
 * @throws PopulationError `NOT_A_POPULATION`, `QUEUE_UNREACHABLE`, `QUEUE_REFUSED`, `INVALID_OPTION`
 */
export async function cancelPopulation(options: CancelPopulationOptions): Promise<QueueRemoval> {
  checkOptions('cancelPopulation', options, { folder: checks.text }, queueAccessChecks);
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
