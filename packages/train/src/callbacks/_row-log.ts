import { existsSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flag, show, text } from '@mnist/kit';
import { writeFileDurably } from '@mnist/kit/files';
import { check } from '../_options.js';
import type { StepResult } from '../step-result.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import type { Callback } from './callback.js';

export interface RowLogOptions {
  /** File to write; its folder is created. */
  readonly path: string;
  /** Replace the log of an earlier training. Default false: it is renamed to `<path>.old-<n>`, so that no log is lost. */
  readonly overwrite?: boolean;
}

/** How rows become lines. */
export interface RowFormat {
  readonly name: string;
  /** First line, without its end; none where undefined. */
  readonly header: string | undefined;
  formatRow(row: StepResult, metrics: Readonly<Record<string, number>>): string;
  /** Step of a line; undefined for one that is not a whole row. */
  stepOf(line: string): number | undefined;
}

/**
 * One line a step. A row waits until the next step begins, so that what other callbacks report about the step is in it; the
 * waiting row travels with the checkpoints. A resumed training first cuts off the rows that it will write again.
 */
export function rowLog(options: RowLogOptions, format: RowFormat): Callback {
  const { path, overwrite = false } = options;
  let file: FileHandle | undefined;
  let waiting: StepResult | undefined;

  const flush = async (run: TrainingRun) => {
    if (!waiting || !file) return;
    const row = waiting;
    waiting = undefined;
    const metrics: Record<string, number> = {};
    for (const [name, { step, value }] of run.metrics) if (step === row.step + 1) metrics[name] = value;
    await file.write(`${format.formatRow(row, metrics)}\n`);
  };
  const close = async (run: TrainingRun) => {
    await flush(run);
    await file?.close();
    file = undefined;
  };

  return {
    name: format.name,
    reports: [],
    async trainBegin(run) {
      await mkdir(dirname(path), { recursive: true });
      const present = existsSync(path) && statSync(path).size > 0;
      if (run.resumedFrom === undefined) {
        waiting = undefined;
        if (present && !overwrite) await setAside(path);
      }
      const until = waiting?.step ?? run.resumedFrom ?? 0;
      const lines =
        present && run.resumedFrom !== undefined ? (await readFile(path, 'utf8')).split('\n') : [];
      if (lines.length > 0 && format.header !== undefined && lines[0] !== format.header) {
        throw new TrainError(
          'CHECKPOINT_MISMATCH',
          `${format.name}: '${path}' has the columns ${show(lines[0])}, this training would go on with ${show(format.header)}. Use the same metrics, or another path.`,
        );
      }
      const kept = lines.filter((line) => (format.stepOf(line) ?? Number.POSITIVE_INFINITY) < until);
      const text = [...(format.header === undefined ? [] : [format.header]), ...kept];
      await writeFileDurably(path, text.map((line) => `${line}\n`).join(''));
      file = await open(path, 'a');
    },
    stepBegin: flush,
    stepEnd(_run, result) {
      waiting = result;
    },
    trainEnd: close,
    error: close,
    state: () => ({ json: { waiting } }),
    restore({ json }) {
      const saved = json as { waiting?: StepResult };
      if (saved.waiting !== undefined && !Number.isInteger(saved.waiting.step)) {
        throw new Error(`no state of ${format.name}`);
      }
      waiting = saved.waiting;
    },
  };
}

async function setAside(path: string): Promise<void> {
  let number = 1;
  while (existsSync(`${path}.old-${number}`)) number++;
  await rename(path, `${path}.old-${number}`);
}

export function checkRowLogOptions(
  owner: string,
  options: RowLogOptions,
  more: readonly string[] = [],
): void {
  check.refuseUnknown(owner, options, ['path', 'overwrite', ...more]);
  check.require(owner, 'path', options.path, text);
  if (options.overwrite !== undefined) check.require(owner, 'overwrite', options.overwrite, flag);
}
