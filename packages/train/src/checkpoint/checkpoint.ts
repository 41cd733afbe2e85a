import { readFile, rm } from 'node:fs/promises';
import { integer, oneOf } from '@mnist/kit';
import { check } from '../_options.js';
import type { Callback } from '../callbacks/callback.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import {
  type CheckpointFile,
  listCheckpoints,
  readLatestCheckpoint,
  removeTemporaryFiles,
  writeCheckpoint,
} from './checkpoint-folder.js';
import { decodeHeader } from './checkpoint-format.js';

export interface CheckpointOptions {
  /** Folder of this training alone; created where missing. */
  readonly directory: string;
  /** Write after every so many steps. Default: only after epochs. */
  readonly everySteps?: number;
  /** Write after every so many epochs. Default 1, or never where `everySteps` is given. */
  readonly everyEpochs?: number;
  /** Keep the newest so many, at least 1. Default 2. */
  readonly keepLast?: number;
  /** Keep the best so many by a metric that was reported at their step. Default none. */
  readonly keepBest?: {
    readonly count: number;
    /** Default `validationAccuracy`. */
    readonly metric?: string;
    /** Default: `min` for names that end in `Loss`, else `max`. */
    readonly mode?: 'max' | 'min';
  };
  /** Continue from the newest whole checkpoint, if there is one. Default false: a folder that has checkpoints is refused. */
  readonly resume?: boolean;
  /** Told about a corrupt checkpoint or another engine. Default `console.warn`. */
  readonly warn?: (message: string) => void;
}

/**
 * Saves everything that a resumed training needs (parameters, moments, running statistics, step, the other callbacks'
 * states), atomically and with a checksum; also when the training ends early. The learning rate and the data follow from
 * the step. Runs after the other callbacks.
 */
export function checkpoint(options: CheckpointOptions): Callback {
  check.refuseUnknown('checkpoint', options, [
    'directory',
    'everySteps',
    'everyEpochs',
    'keepLast',
    'keepBest',
    'resume',
    'warn',
  ]);
  const { directory, everySteps, keepLast = 2, keepBest, resume = false, warn = console.warn } = options;
  if (typeof directory !== 'string' || directory === '') {
    throw new TrainError('INVALID_OPTION', 'checkpoint needs a directory (a folder path).');
  }
  const everyEpochs = options.everyEpochs ?? (everySteps === undefined ? 1 : undefined);
  if (everySteps !== undefined) check.require('checkpoint', 'everySteps', everySteps, integer({ min: 1 }));
  if (everyEpochs !== undefined) check.require('checkpoint', 'everyEpochs', everyEpochs, integer({ min: 1 }));
  check.require('checkpoint', 'keepLast', keepLast, integer({ min: 1 }));
  const best = keepBest && checkKeepBest(keepBest);

  let written: CheckpointFile | undefined;
  const save = async (run: TrainingRun) => {
    if (written?.step === run.step) return;
    written = await writeCheckpoint(directory, await run.snapshot());
    await prune(directory, keepLast, best);
  };
  const due = ({ step }: TrainingRun) => everySteps !== undefined && step % everySteps === 0;

  return {
    name: 'checkpoint',
    last: true,
    async resume(run) {
      written = undefined;
      await removeTemporaryFiles(directory);
      const files = await listCheckpoints(directory);
      if (files.length === 0) return undefined;
      if (!resume) {
        throw new TrainError(
          'CHECKPOINT_MISMATCH',
          `'${directory}' holds ${files.length} checkpoint(s) of an earlier training. Pass resume: true to continue it, or another folder.`,
        );
      }
      const snapshot = await readLatestCheckpoint(directory, warn);
      if (snapshot && snapshot.identity.engine !== run.identity.engine) {
        warn(
          `The checkpoint was written by the engine '${snapshot.identity.engine}'; '${run.identity.engine}' continues it, so the result will differ in the last bits from an uninterrupted training.`,
        );
      }
      written = snapshot && files.find(({ step }) => step === snapshot.state.step);
      return snapshot;
    },
    async stepEnd(run, { lastInEpoch }) {
      // At the end of an epoch it waits for epochEnd, so that the other callbacks' epochEnd is inside.
      if (!lastInEpoch && due(run)) await save(run);
    },
    async epochEnd(run, epoch) {
      if (due(run) || (everyEpochs !== undefined && (epoch + 1) % everyEpochs === 0)) await save(run);
    },
    async trainEnd(run, { reason }) {
      if (reason !== 'diverged' && run.step > 0) await save(run);
    },
  };
}

interface BestRule {
  readonly count: number;
  readonly metric: string;
  readonly sign: 1 | -1;
}

function checkKeepBest(keepBest: NonNullable<CheckpointOptions['keepBest']>): BestRule {
  check.refuseUnknown('checkpoint: keepBest', keepBest, ['count', 'metric', 'mode']);
  check.require('checkpoint', 'keepBest.count', keepBest.count, integer({ min: 1 }));
  const { metric = 'validationAccuracy' } = keepBest;
  const mode = keepBest.mode ?? (metric.endsWith('Loss') ? 'min' : 'max');
  check.require('checkpoint', 'keepBest.mode', mode, oneOf('max', 'min'));
  return { count: keepBest.count, metric, sign: mode === 'max' ? 1 : -1 };
}

async function prune(directory: string, keepLast: number, best: BestRule | undefined): Promise<void> {
  const files = await listCheckpoints(directory);
  const kept = new Set(files.slice(-keepLast).map(({ path }) => path));
  if (best && files.length > keepLast) {
    const rated: { path: string; value: number }[] = [];
    for (const { path, step } of files) {
      const metric = decodeHeader(await readFile(path), path).metrics[best.metric];
      if (metric?.step === step) rated.push({ path, value: metric.value });
    }
    rated.sort((a, b) => best.sign * (b.value - a.value));
    for (const { path } of rated.slice(0, best.count)) kept.add(path);
  }
  for (const { path } of files) if (!kept.has(path)) await rm(path, { force: true });
}
