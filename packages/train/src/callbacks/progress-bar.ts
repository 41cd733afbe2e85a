import { anything, number } from '@mnist/kit';
import { check } from '../_options.js';
import { type Progress, type ProgressStream, startProgress } from '../progress.js';
import type { StepResult } from '../step-result.js';
import type { TrainingRun } from '../training-run.js';
import type { Callback } from './callback.js';

export interface ProgressBarOptions {
  /** Default `process.stderr`. A terminal gets a bar, anything else plain lines. */
  readonly stream?: ProgressStream;
  /** Seconds between two plain lines; the first comes with the first step after one second. Default 10. */
  readonly everySeconds?: number;
  /** Stands before the figures. Default none. */
  readonly label?: string;
}

/** Progress, smoothed loss, learning rate, speed, time left and the reported metrics. */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  const { stream, everySeconds, label } = check.complete(
    'progressBar',
    options,
    { stream: undefined as ProgressStream | undefined, everySeconds: 10, label: '' },
    { everySeconds: number({ above: 0 }), stream: anything },
  );
  let begun = 0;
  let smoothLoss: number | undefined;
  let latest: StepResult | undefined;
  let progress: Progress | undefined;

  const figures = (run: TrainingRun) => {
    const seconds = Math.max((run.now() - begun) / 1000, 1e-9);
    return [
      `epoch ${latest!.epoch + 1}`,
      `step ${run.step}/${run.totalSteps}`,
      `loss ${smoothLoss!.toPrecision(3)}`,
      `lr ${latest!.learningRate.toExponential(2)}`,
      ...[...run.metrics].map(([name, { value }]) => `${name} ${formatMetric(name, value)}`),
      `${((run.step - (run.resumedFrom ?? 0)) / seconds).toPrecision(3)} steps/s`,
    ].join('  ');
  };
  const finish = (run: TrainingRun) => {
    if (latest) progress?.finish(figures(run));
  };

  return {
    name: 'progressBar',
    reports: [],
    trainBegin(run) {
      begun = run.now();
      [smoothLoss, latest] = [undefined, undefined];
      progress = startProgress({
        label,
        total: run.totalSteps,
        stream,
        plainInterval: 1000 * everySeconds,
        now: run.now,
      });
      if (run.resumedFrom) progress.log(`${label && `${label}: `}resumed after step ${run.resumedFrom}`);
    },
    stepEnd(run, result) {
      latest = result;
      smoothLoss = smoothLoss === undefined ? result.loss : 0.95 * smoothLoss + 0.05 * result.loss;
      progress?.update(run.step, () => figures(run));
    },
    trainEnd: finish,
    error: finish,
  };
}

function formatMetric(name: string, value: number): string {
  return name.endsWith('Accuracy') ? `${(100 * value).toFixed(2)} %` : value.toPrecision(3);
}
