import { availableParallelism, hostname } from 'node:os';
import { anything, callback, integer, signal, text } from '@mnist/kit';
import { checkOptions, milliseconds, names, object, queueName } from '../_options.js';
import { runDefaults } from '../_run-defaults.js';
import { typed } from '../_typed-errors.js';
import { loadRecipe, recipeHref } from '../load-recipe.js';
import { queueDefaults } from './_queue-defaults.js';
import type { QueueTls } from './queue-access.js';
import type { QueueWorkerEvent } from './queue-worker-event.js';
import type { QueueWorkerSummary } from './queue-worker-summary.js';

export interface QueueWorkerOptions {
  /**
   * `redis://user:password@host:port/database`, or `rediss://...` for TLS. Default: MNIST_QUEUE_URL of the environment,
   * which keeps the password out of the list of processes.
   */
  readonly queue?: string;
  /** TLS options for rediss://, such as `{ ca }` for a certificate authority of your own. */
  readonly tls?: QueueTls;
  /** Name of the queue, as given to enqueuePopulation. Default 'mnist-population'. */
  readonly queueName?: string;
  /** `file:` URL of an ES module that exports `recipe`. Jobs for another recipe or version are refused. */
  readonly recipe: URL | string;
  /** Name of this worker in progress reports. Default: host name and process number. */
  readonly name?: string;
  /** Nets in training at once, each in a process of its own. Default: the number of cores, or of devices. */
  readonly workers?: number;
  /** Threads of each net's engine. Default 1. */
  readonly threads?: number;
  /** As for trainPopulation: devices that train one net at a time each, whoever else on this machine asks for them. */
  readonly devices?: readonly string[];
  /**
   * Where nets are trained and checkpoints lie. Each worker makes a folder of its own in it, removes it at the end, and
   * removes what killed workers left. Default: a folder of this user in the temporary folder.
   */
  readonly workFolder?: string;
  /** Least time between two copies of a net's checkpoint to Redis, ms. Default 30,000. */
  readonly checkpointIntervalMs?: number;
  /** Silence after which other workers take a net over, ms. The same for all workers. Default 30,000. */
  readonly heartbeatTimeoutMs?: number;
  /** A recipe that was told to stop is killed after so long, ms. Default 30,000. */
  readonly stopTimeoutMs?: number;
  /** How long to wait for Redis at the start, ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Ends the worker when there was no job for so long, ms. Default: it waits for ever. */
  readonly idleTimeoutMs?: number;
  /** Ends the worker: nets in training write a checkpoint, which is sent to Redis, and are handed back. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: QueueWorkerEvent) => void;
}

/**
 * Trains nets from a queue until `signal` is aborted or the queue stays empty. Any number of workers on any number
 * of machines may run; each needs the recipe and its data, and nothing but Redis in common.
 *
 * A job that makes no sense fails alone. A worker that cannot write its folder hands its net back and ends with
 * `STORAGE_FAILED`. While Redis is away the signal still ends it, within `stopTimeoutMs` and a few seconds.
 *
 * @throws PopulationError `QUEUE_UNREACHABLE`, `QUEUE_REFUSED`, `QUEUE_PROTOCOL_MISMATCH`, `RECIPE_MISMATCH`,
 *   `STORAGE_FAILED`, `INVALID_RECIPE`, `INVALID_OPTION`
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<QueueWorkerSummary> {
  checkOptions(
    'runQueueWorker',
    options,
    { recipe: anything },
    {
      queue: text,
      tls: object,
      queueName,
      name: text,
      workers: integer({ min: 1 }),
      threads: integer({ min: 1 }),
      devices: names,
      workFolder: text,
      checkpointIntervalMs: milliseconds,
      heartbeatTimeoutMs: milliseconds,
      stopTimeoutMs: milliseconds,
      connectTimeoutMs: milliseconds,
      idleTimeoutMs: milliseconds,
      signal,
      onEvent: callback,
    },
  );
  return await typed(() => start(options));
}

async function start(options: QueueWorkerOptions): Promise<QueueWorkerSummary> {
  const recipe = await loadRecipe(options.recipe);
  // BullMQ and ioredis are loaded here and not before: a local run has no use for them.
  const [{ WorkerRun }, { queueUrl }] = await Promise.all([
    import('./_worker-run.js'),
    import('./_queue-connection.js'),
  ]);
  const { devices } = options;
  const workers = options.workers ?? devices?.length ?? availableParallelism();
  const run = new WorkerRun({
    queue: queueUrl(options.queue),
    tls: options.tls,
    connectTimeoutMs: options.connectTimeoutMs ?? queueDefaults.connectTimeoutMs,
    queueName: options.queueName ?? queueDefaults.queueName,
    recipe: { name: recipe.name, version: recipe.version },
    recipeHref: recipeHref(options.recipe),
    name: options.name ?? `${hostname()}-${process.pid}`,
    workers: devices === undefined ? workers : Math.min(workers, devices.length),
    devices,
    threads: options.threads ?? runDefaults.threads,
    workFolder: options.workFolder,
    checkpointIntervalMs: options.checkpointIntervalMs ?? queueDefaults.checkpointIntervalMs,
    heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? queueDefaults.heartbeatTimeoutMs,
    claimTimeoutMs: runDefaults.claimTimeoutMs,
    stopTimeoutMs: options.stopTimeoutMs ?? runDefaults.stopTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs,
    signal: options.signal,
    onEvent: options.onEvent ?? (() => {}),
  });
  return await run.finish();
}
