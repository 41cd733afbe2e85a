import { checkRowLogOptions, type RowLogOptions, rowLog } from './_row-log.js';
import type { Callback } from './callback.js';

export interface JsonlLogOptions extends RowLogOptions {}

/** One JSON object a step: the figures of `StepResult` and whatever was reported about the step under `metrics`. */
export function jsonlLog(options: JsonlLogOptions): Callback {
  checkRowLogOptions('jsonlLog', options);
  return rowLog(options, {
    name: 'jsonlLog',
    header: undefined,
    formatRow: (row, metrics) =>
      JSON.stringify({ ...row, ...(Object.keys(metrics).length > 0 && { metrics }) }),
    stepOf(line) {
      try {
        const { step } = JSON.parse(line) as { step?: unknown };
        return typeof step === 'number' ? step : undefined;
      } catch {
        return undefined;
      }
    },
  });
}
