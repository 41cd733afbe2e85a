import { resolve } from 'node:path';
import { anything, callback, flag, integer, signal, text } from '@mnist/kit';
import { toJsonValue } from '../_json.js';
import { NetStore } from '../_net-store.js';
import { checkOptions, milliseconds, object, queueName } from '../_options.js';
import { runDefaults } from '../_run-defaults.js';
import { abortedError } from '../_run-errors.js';
import { typed } from '../_typed-errors.js';
import { loadRecipe } from '../load-recipe.js';
import { ensureManifest } from '../manifest.js';
import type { PopulationEvent } from '../population-event.js';
import type { PopulationSummary } from '../population-summary.js';
import { queueDefaults } from './_queue-defaults.js';
import type { QueueTls } from './queue-access.js';

export interface EnqueuePopulationOptions {
  /**
   * `redis://user:password@host:port/database`, or `rediss://...` for TLS. Default: MNIST_QUEUE_URL of the environment,
   * which keeps the password out of the list of processes.
   */
  readonly queue?: string;
  /** TLS options for rediss://, such as `{ ca }` for a certificate authority of your own. */
  readonly tls?: QueueTls;
  /** Name of the queue. Workers listen to one queue. Default 'mnist-population'. */
  readonly queueName?: string;
  /** The population folder that results are collected into. Created when absent. */
  readonly folder: string;
  /** Nets that the population is to have: numbers 0 to count - 1. */
  readonly count: number;
  /** `file:` URL of an ES module that exports `recipe`. Only its name and version are used here. */
  readonly recipe: URL | string;
  /** Handed to the recipe. Part of the population's identity. Default null. */
  readonly config?: unknown;
  /** uint32; every net's seed derives from it. Default 0. */
  readonly seed?: number;
  /** Further attempts of a net that failed. The last one begins without the checkpoint. Default 2. */
  readonly retries?: number;
  /** Wait before the second attempt, ms; it doubles from there. Default 1000. */
  readonly retryDelayMs?: number;
  /**
   * Stops collecting, also while Redis is away. The jobs stay on the queue, workers go on for a week, and the next call
   * collects what they made; `cancelPopulation` takes them off.
   */
  readonly signal?: AbortSignal;
  /** Silence after which another collector of the same folder takes over, ms. Default 60,000. */
  readonly claimTimeoutMs?: number;
  /** How long to wait for Redis at the start, ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Verify every stored net first, and set aside and retrain what is damaged. Default false. */
  readonly retrainDamaged?: boolean;
  /** Hears everything that happens. What it throws ends the run. */
  readonly onEvent?: (event: PopulationEvent) => void;
}

/**
 * Puts the missing nets of a population on a queue, collects what workers (`runQueueWorker`) make of them, and
 * resolves when all are in the folder. Call it again after any interruption. A Redis that restarts, even empty,
 * holds it up but does not end it.
 *
 * @throws PopulationError as trainPopulation, and `QUEUE_UNREACHABLE`, `QUEUE_REFUSED`, `QUEUE_PROTOCOL_MISMATCH`,
 *   `RECIPE_MISMATCH` (workers of another recipe are connected), `QUEUE_TOO_SMALL`, `CANCELLED`
 */
export async function enqueuePopulation(options: EnqueuePopulationOptions): Promise<PopulationSummary> {
  checkOptions(
    'enqueuePopulation',
    options,
    {
      folder: text,
      count: integer({ min: 1, max: 1_000_000 }),
      recipe: anything,
    },
    {
      queue: text,
      tls: object,
      queueName,
      config: anything,
      seed: integer({ min: 0, max: 0xffff_ffff }),
      retries: integer({ min: 0 }),
      retryDelayMs: milliseconds,
      signal,
      claimTimeoutMs: milliseconds,
      connectTimeoutMs: milliseconds,
      retrainDamaged: flag,
      onEvent: callback,
    },
  );
  return await typed(() => start(options));
}

async function start(options: EnqueuePopulationOptions): Promise<PopulationSummary> {
  // BullMQ and ioredis are loaded here and not before: a local run has no use for them.
  const [{ CollectorRun }, { queueUrl }] = await Promise.all([
    import('./_collector-run.js'),
    import('./_queue-connection.js'),
  ]);
  // Before anything is created: a wrong URL should leave no folder.
  const queue = queueUrl(options.queue);
  const folder = resolve(options.folder);
  const config = toJsonValue(options.config ?? null, 'config', 'INVALID_OPTION');
  const { seed = 0, count, signal, claimTimeoutMs = runDefaults.claimTimeoutMs } = options;
  const { name, version } = await loadRecipe(options.recipe);
  const request = { count, seed, recipe: { name, version }, config };
  const manifest = await ensureManifest(folder, request, claimTimeoutMs, signal).catch((error) => {
    throw signal?.aborted ? abortedError(folder, count, undefined, signal.reason) : error;
  });
  const run = new CollectorRun(new NetStore(folder, manifest, claimTimeoutMs), {
    queue,
    tls: options.tls,
    connectTimeoutMs: options.connectTimeoutMs ?? queueDefaults.connectTimeoutMs,
    queueName: options.queueName ?? queueDefaults.queueName,
    count,
    retries: options.retries ?? runDefaults.retries,
    retryDelayMs: options.retryDelayMs ?? runDefaults.retryDelayMs(1),
    retrainDamaged: options.retrainDamaged ?? false,
    signal,
    onEvent: options.onEvent ?? (() => {}),
  });
  return await run.finish();
}
