import { type PopulationSummary, trainPopulation } from '@mnist/population';
import { InterruptedError } from '../ui/errors.js';
import { catchInterruption } from '../ui/interruption.js';
import { showPopulation } from '../ui/population-progress.js';
import type { MemberConfig } from './config.js';

export interface TrainPopulationOptions {
  readonly folder: string;
  readonly count: number;
  readonly config: MemberConfig;
  readonly seed: number;
  readonly workers: number;
  /** Threads of each net's engine. */
  readonly threads: number;
  /** GPUs that train one net at a time each, whoever else on this machine asks for them. */
  readonly devices?: readonly string[];
  readonly title: string;
  /** Verify stored nets first, and train damaged ones again. */
  readonly retrainDamaged?: boolean;
}

/** The built recipe module: this code is bundled into a file of `dist`, whose rooms it keeps. */
export const recipeUrl = new URL('./experiment/recipe.js', import.meta.url);

/**
 * Trains a population on this machine, with its progress on the terminal.
 *
 * @throws InterruptedError after Ctrl-C, with every net's checkpoint on disk
 */
export async function trainPopulationHere(options: TrainPopulationOptions): Promise<PopulationSummary> {
  const { folder, count, config, seed, workers, threads, devices, title, retrainDamaged } = options;
  const display = showPopulation(title, count, config.holdOut ? 'held-out images' : 'test images');
  const interruption = catchInterruption(display.stopping);
  try {
    const summary = await trainPopulation({
      folder,
      count,
      recipe: recipeUrl,
      config,
      seed,
      workers,
      threads,
      devices,
      retrainDamaged,
      signal: interruption.signal,
      onEvent: display.onEvent,
    });
    display.finish();
    return summary;
  } catch (error) {
    if (interruption.signal.aborted) {
      throw new InterruptedError(
        `Stopped. Everything trained so far is in ${folder}; the same command goes on from there.`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    interruption.release();
  }
}
