import type { StepResult } from '../step-result.js';
import { checkRowLogOptions, type RowLogOptions, rowLog } from './_row-log.js';
import type { Callback } from './callback.js';

export interface CsvLogOptions extends RowLogOptions {
  /** Columns for reported metrics, empty at steps without one. Default `['validationLoss', 'validationAccuracy']`. */
  readonly metrics?: readonly string[];
}

const columns = [
  'step',
  'epoch',
  'loss',
  'learningRate',
  'momentum',
  'weightDecay',
  'seconds',
] as const satisfies readonly (keyof StepResult)[];

/** One row a step: step, epoch, loss, learningRate, momentum, weightDecay, seconds, and the metrics. */
export function csvLog(options: CsvLogOptions): Callback {
  checkRowLogOptions('csvLog', options, ['metrics']);
  const { metrics: names = ['validationLoss', 'validationAccuracy'] } = options;
  return rowLog(options, {
    name: 'csvLog',
    header: [...columns, ...names].map(quote).join(','),
    formatRow: (row, metrics) =>
      [...columns.map((column) => row[column]), ...names.map((name) => metrics[name] ?? '')].join(','),
    stepOf(line) {
      const cells = line.split(',');
      return cells.length === columns.length + names.length && /^\d+$/.test(cells[0]!)
        ? Number(cells[0])
        : undefined;
    },
  });
}

/** RFC 4180: quotes where the cell needs them. */
function quote(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
