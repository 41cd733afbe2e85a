import { formatDuration, number } from '@mnist/kit';
import { check } from '../_options.js';
import type { StepResult } from '../step-result.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import type { Callback } from './callback.js';

/** The part of `process.stderr` that the bar writes to. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBarOptions {
  /** Default `process.stderr`. A terminal gets a bar, anything else plain lines. */
  readonly stream?: ProgressStream;
  /** Seconds between two plain lines. Default 10. */
  readonly everySeconds?: number;
  /** Stands before the figures. Default none. */
  readonly label?: string;
}

const redrawSeconds = 0.1;

/** Progress, smoothed loss, learning rate, speed, time left and the reported metrics. */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  check.refuseUnknown('progressBar', options, ['stream', 'everySeconds', 'label']);
  const { everySeconds = 10, label = '' } = options;
  check.require('progressBar', 'everySeconds', everySeconds, number({ above: 0 }));
  const stream: ProgressStream | undefined = options.stream ?? globalThis.process?.stderr;
  if (!stream) {
    throw new TrainError('INVALID_OPTION', 'progressBar needs a stream where there is no process.stderr.');
  }
  let begun = 0;
  let drawn = 0;
  let smoothLoss: number | undefined;
  let latest: StepResult | undefined;

  const show = (run: TrainingRun, final: boolean) => {
    if (!latest) return;
    const taken = run.step - (run.resumedFrom ?? 0);
    const seconds = (run.now() - begun) / 1000;
    const speed = taken / Math.max(seconds, 1e-9);
    const figures = [
      `epoch ${latest.epoch + 1}`,
      `step ${run.step}/${run.totalSteps}`,
      `loss ${smoothLoss!.toPrecision(3)}`,
      `lr ${latest.learningRate.toExponential(2)}`,
      ...[...run.metrics].map(([name, { value }]) => `${name} ${formatMetric(name, value)}`),
      `${speed.toPrecision(3)} steps/s`,
      final
        ? `took ${formatDuration(1000 * seconds)}`
        : `ETA ${formatDuration((1000 * (run.totalSteps - run.step)) / speed)}`,
    ].join('  ');
    const line = label ? `${label}  ${figures}` : figures;
    if (!stream.isTTY) {
      stream.write(`${line}\n`);
      return;
    }
    const bar = drawBar(run.step / run.totalSteps, 20);
    const width = Math.max((stream.columns ?? 80) - 1, 20);
    stream.write(`\r\u001b[2K${`${bar} ${line}`.slice(0, width)}${final ? '\n' : ''}`);
  };
  const finish = (run: TrainingRun) => show(run, true);

  return {
    name: 'progressBar',
    trainBegin(run) {
      begun = run.now();
      drawn = begun;
      [smoothLoss, latest] = [undefined, undefined];
      if (run.resumedFrom)
        stream.write(`${label ? `${label}  ` : ''}resumed after step ${run.resumedFrom}\n`);
    },
    stepEnd(run, result) {
      latest = result;
      smoothLoss = smoothLoss === undefined ? result.loss : 0.95 * smoothLoss + 0.05 * result.loss;
      const now = run.now();
      if (now - drawn < 1000 * (stream.isTTY ? redrawSeconds : everySeconds)) return;
      drawn = now;
      show(run, false);
    },
    trainEnd: finish,
    error: finish,
  };
}

function drawBar(share: number, width: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return `[${'='.repeat(full)}${' '.repeat(width - full)}]`;
}

function formatMetric(name: string, value: number): string {
  return name.endsWith('Accuracy') ? `${(100 * value).toFixed(2)} %` : value.toPrecision(3);
}
