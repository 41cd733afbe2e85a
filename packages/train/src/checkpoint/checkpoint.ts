import { rm } from 'node:fs/promises';
import { flag, integer, callback as isFunction, oneOf, text } from '@mnist/kit';
import { check } from '../_options.js';
import { checkReported, type WatchedMetric, watchedMetric } from '../callbacks/_watched-metric.js';
import type { Callback } from '../callbacks/callback.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import { type Changeable, changeable, reconcile } from './_reconcile.js';
import {
  type CheckpointFile,
  findNotFinite,
  listCheckpoints,
  readCheckpointHeader,
  readLatestCheckpoint,
  removeTemporaryFiles,
  setAside,
  writeCheckpoint,
} from './checkpoint-folder.js';

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
    /** Default: `min` for names that end in loss, `max` for accuracy; others need it. */
    readonly mode?: 'max' | 'min';
  };
  /** Continue from the newest whole checkpoint, if there is one. Default false: a folder that has checkpoints is refused. */
  readonly resume?: boolean;
  /**
   * What a resumed training may have otherwise than the one that it continues; anything else that differs is an error that
   * names it. `data`: the images, their order or augmentation. Batch size, steps an epoch and optimiser can never change.
   * Default none. Another engine, precision or path is announced and needs no leave.
   */
  readonly mayChange?: readonly Changeable[];
  /** Told about damaged or unproven checkpoints and about what a resume changes. Default `console.warn`. */
  readonly warn?: (message: string) => void;
}

/**
 * Saves everything that a resumed training needs (parameters, moments, running statistics, step, the other callbacks'
 * states), atomically and with a checksum; also when the training ends early. The learning rate and the data follow from
 * the step. Runs after the other callbacks.
 *
 * Only proven state counts: nothing is written that is not finite or that another callback has turned back, and a checkpoint
 * whose very next step diverges is set aside as `.unproven` where there is one before it.
 */
export function checkpoint(options: CheckpointOptions): Callback {
  const { everySteps, keepLast, resume, warn, mayChange } = check.complete(
    'checkpoint',
    options,
    {
      directory: '',
      everySteps: undefined as number | undefined,
      everyEpochs: undefined,
      keepLast: 2,
      keepBest: undefined,
      resume: false,
      mayChange: [] as readonly Changeable[],
      warn: console.warn as (message: string) => void,
    },
    {
      directory: text,
      everySteps: integer({ min: 1 }),
      everyEpochs: integer({ min: 1 }),
      keepLast: integer({ min: 1 }),
      resume: flag,
      warn: isFunction,
    },
  );
  for (const name of mayChange) check.require('checkpoint', 'mayChange', name, oneOf(...changeable));
  const { directory } = options;
  const everyEpochs = options.everyEpochs ?? (everySteps === undefined ? 1 : undefined);
  const best = options.keepBest && checkKeepBest(options.keepBest);

  let written: CheckpointFile | undefined;
  /** The watched metric of the files of the folder, where it was measured on them. */
  let ratings = new Map<string, number>();
  const rate = (path: string, step: number, metric: { value: number; step: number } | undefined) => {
    if (metric?.step === step && Number.isFinite(metric.value)) ratings.set(path, metric.value);
  };
  const save = async (run: TrainingRun) => {
    if (written?.step === run.step) return;
    const snapshot = await run.snapshot();
    // Whoever has restored an older state, what was recorded since does not belong to it.
    if (snapshot.state.step !== run.step) return;
    const broken = findNotFinite(snapshot);
    if (broken) {
      warn(`No checkpoint was written after ${run.step} steps: numbers are not finite (${broken}).`);
      return;
    }
    written = await writeCheckpoint(directory, snapshot);
    if (best) rate(written.path, written.step, run.metrics.get(best.metric));
    await prune();
  };
  const prune = async () => {
    const files = await listCheckpoints(directory);
    const kept = new Set(files.slice(-keepLast).map(({ path }) => path));
    if (best) {
      const sign = best.mode === 'max' ? 1 : -1;
      const rated = files.filter(({ path }) => ratings.has(path));
      rated.sort((a, b) => sign * (ratings.get(b.path)! - ratings.get(a.path)!));
      for (const { path } of rated.slice(0, best.count)) kept.add(path);
    }
    for (const { path } of files) if (!kept.has(path)) await rm(path, { force: true });
  };
  /** The state just written gave a loss that is no number, or one that somebody refused. */
  const disprove = async (run: TrainingRun) => {
    if (!written || written.step !== run.step - 1) return;
    if ((await listCheckpoints(directory)).length < 2) return;
    await setAside(written.path, 'unproven');
    warn(
      `The training diverged in the step after the checkpoint '${written.path}'. It was set aside as '.unproven'; a resume begins before it.`,
    );
    written = undefined;
  };
  const due = ({ step }: TrainingRun) => everySteps !== undefined && step % everySteps === 0;

  return {
    name: 'checkpoint',
    last: true,
    reports: [],
    async resume(run, rejected) {
      if (rejected && written) {
        await setAside(written.path, 'corrupt');
        warn(`${rejected.message} '${written.path}' was set aside as '.corrupt'; the one before it is used.`);
      }
      written = undefined;
      await removeTemporaryFiles(directory);
      const files = await listCheckpoints(directory);
      if (files.length === 0 && !rejected) return undefined;
      if (!resume) {
        throw new TrainError(
          'CHECKPOINT_MISMATCH',
          `'${directory}' holds ${files.length} checkpoint(s) of an earlier training. Pass resume: true to continue it, or another folder.`,
        );
      }
      const snapshot = await readLatestCheckpoint(directory, warn);
      if (!snapshot) throw rejected!;
      written = files.find(({ step }) => step === snapshot.state.step);
      return reconcile(snapshot, run, mayChange, warn);
    },
    async trainBegin(run) {
      if (!best) return;
      checkReported('checkpoint: keepBest', best.metric, 'checkpoint', run);
      ratings = new Map();
      for (const { path, step } of await listCheckpoints(directory)) {
        try {
          rate(path, step, (await readCheckpointHeader(path)).metrics[best.metric]);
        } catch (error) {
          if ((error as TrainError).code !== 'CHECKPOINT_CORRUPT') throw error;
          await setAside(path, 'corrupt');
          warn(`${(error as Error).message} It was set aside as '${path}.corrupt'.`);
        }
      }
    },
    async stepEnd(run, { lastInEpoch, loss }) {
      if (run.stopReason === 'diverged' || !Number.isFinite(loss)) return disprove(run);
      // At the end of an epoch it waits for epochEnd, so that the other callbacks' epochEnd is inside.
      if (!lastInEpoch && due(run)) await save(run);
    },
    async epochEnd(run, epoch) {
      if (run.stopReason === 'diverged') return;
      if (due(run) || (everyEpochs !== undefined && (epoch + 1) % everyEpochs === 0)) await save(run);
    },
    async trainEnd(run, { reason }) {
      if (reason !== 'diverged' && run.step > 0) await save(run);
      if (best && ratings.size === 0 && reason === 'completed') {
        warn(
          `checkpoint: keepBest never saw the metric '${best.metric}' as a finite number at the step of a checkpoint; reported were: ${[...run.metrics.keys()].join(', ') || 'none'}.`,
        );
      }
    },
    async error(run, error) {
      if ((error as { code?: unknown } | undefined)?.code === 'DIVERGED') await disprove(run);
    },
  };
}

function checkKeepBest(
  keepBest: NonNullable<CheckpointOptions['keepBest']>,
): WatchedMetric & { count: number } {
  const where = 'checkpoint: keepBest';
  check.refuseUnknown(where, keepBest, ['count', 'metric', 'mode']);
  check.require(where, 'count', keepBest.count, integer({ min: 1 }));
  return { count: keepBest.count, ...watchedMetric(where, keepBest) };
}
