import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { anything, callback, flag, integer, signal, text } from '@mnist/kit';
import { toJsonValue } from './_json.js';
import { LocalRun } from './_local-run.js';
import { NetStore } from './_net-store.js';
import { checkOptions, milliseconds, names } from './_options.js';
import { runDefaults } from './_run-defaults.js';
import { abortedError } from './_run-errors.js';
import { typed } from './_typed-errors.js';
import { loadRecipe, recipeHref } from './load-recipe.js';
import { ensureManifest } from './manifest.js';
import type { PopulationEvent } from './population-event.js';
import type { PopulationSummary } from './population-summary.js';

export interface TrainPopulationOptions {
  /** The population folder. Created when absent; continued, or grown, when present. */
  readonly folder: string;
  /** Nets that the population is to have: numbers 0 to count - 1. Nets beyond it stay as they are. */
  readonly count: number;
  /** `file:` URL of an ES module that exports `recipe`. */
  readonly recipe: URL | string;
  /** Handed to the recipe. Part of the population's identity. Default null. */
  readonly config?: unknown;
  /** uint32; every net's seed derives from it. Default 0. */
  readonly seed?: number;
  /** Nets in training at once, each in a process of its own. Default: the number of cores, or of devices. */
  readonly workers?: number;
  /** Threads of each net's engine. Default 1: many nets side by side beat one net on many threads. */
  readonly threads?: number;
  /**
   * Devices, such as `['cuda:0', 'cuda:1']`, that train one net at a time each, whoever else on this machine asks for
   * them (`claimDevice`). The recipe finds its own in `context.device`. Default: none, nets run on the processor.
   */
  readonly devices?: readonly string[];
  /** Further attempts of a net that failed. The last one begins without the checkpoint. Default 2. */
  readonly retries?: number;
  /** Wait before attempt n + 1 (n from 1), ms. Default 1000 * 4^(n - 1). */
  readonly retryDelayMs?: (attempt: number) => number;
  /** Stops the run: recipes write a checkpoint, then the promise rejects with `ABORTED`. */
  readonly signal?: AbortSignal;
  /** A recipe that was told to stop is killed after so long, ms. Default 30,000. */
  readonly stopTimeoutMs?: number;
  /**
   * Silence after which the net of another machine's runner counts as abandoned, ms. On the same machine a dead
   * process is noticed at once. The same for all runners of a folder. Default 60,000.
   */
  readonly claimTimeoutMs?: number;
  /** Verify every stored net first, and set aside and retrain what is damaged. Default false. */
  readonly retrainDamaged?: boolean;
  /** Hears everything that happens. What it throws ends the run. */
  readonly onEvent?: (event: PopulationEvent) => void;
}

/**
 * Trains a population on this machine and resolves when all `count` nets are complete, whoever trained them.
 * Call it again after any interruption, kills included: it goes on where it was. Several calls, in several
 * processes or on several machines that share the folder, share the work.
 *
 * @throws PopulationError `NETS_FAILED` (after all others are done), `ABORTED`, `POPULATION_MISMATCH`,
 *   `RECIPE_FAILED` or `STORAGE_FAILED` (at once, when no net could fare better: a wrong setting, a full disk),
 *   `INVALID_OPTION`, `INVALID_RECIPE`, `NOT_A_POPULATION`, `UNSUPPORTED_FORMAT`
 */
export async function trainPopulation(options: TrainPopulationOptions): Promise<PopulationSummary> {
  checkOptions(
    'trainPopulation',
    options,
    { folder: text, count: integer({ min: 1, max: 1_000_000 }), recipe: anything },
    {
      config: anything,
      seed: integer({ min: 0, max: 0xffff_ffff }),
      workers: integer({ min: 1 }),
      threads: integer({ min: 1 }),
      devices: names,
      retries: integer({ min: 0 }),
      retryDelayMs: callback,
      signal,
      stopTimeoutMs: milliseconds,
      claimTimeoutMs: milliseconds,
      retrainDamaged: flag,
      onEvent: callback,
    },
  );
  return await typed(() => start(options));
}

async function start(options: TrainPopulationOptions): Promise<PopulationSummary> {
  const folder = resolve(options.folder);
  const config = toJsonValue(options.config ?? null, 'config', 'INVALID_OPTION');
  const { seed = 0, count, devices, signal, claimTimeoutMs = runDefaults.claimTimeoutMs } = options;
  const { name, version } = await loadRecipe(options.recipe);
  const request = { count, seed, recipe: { name, version }, config };
  const manifest = await ensureManifest(folder, request, claimTimeoutMs, signal).catch((error) => {
    throw signal?.aborted ? abortedError(folder, count, undefined, signal.reason) : error;
  });
  const workers = options.workers ?? devices?.length ?? availableParallelism();
  const run = new LocalRun(new NetStore(folder, manifest, claimTimeoutMs), {
    count,
    recipe: recipeHref(options.recipe),
    workers: devices === undefined ? workers : Math.min(workers, devices.length),
    threads: options.threads ?? runDefaults.threads,
    devices,
    retries: options.retries ?? runDefaults.retries,
    retryDelayMs: options.retryDelayMs ?? runDefaults.retryDelayMs,
    stopTimeoutMs: options.stopTimeoutMs ?? runDefaults.stopTimeoutMs,
    retrainDamaged: options.retrainDamaged ?? false,
    signal,
    onEvent: options.onEvent ?? (() => {}),
  });
  return await run.finish();
}
