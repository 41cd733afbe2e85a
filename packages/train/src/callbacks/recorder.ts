import { check } from '../_options.js';
import type { StepResult } from '../step-result.js';
import type { TrainingRun } from '../training-run.js';
import type { Metric } from '../training-snapshot.js';
import type { Callback } from './callback.js';

/** Columns of equal length, one entry a step; and the metrics that callbacks reported. Plain data, ready for a plot. */
export interface TrainingHistory {
  readonly step: number[];
  readonly epoch: number[];
  readonly loss: number[];
  readonly learningRate: number[];
  readonly momentum: number[];
  readonly weightDecay: number[];
  /** Seconds of each engine step. */
  readonly seconds: number[];
  /** Seconds that the trainer waited for each batch. */
  readonly dataSeconds: number[];
  /** `step` counts the steps taken before the figure. */
  readonly metrics: Record<string, Metric[]>;
}

export interface Recorder extends Callback {
  /** Filled as the training goes; emptied when a new one begins. */
  readonly history: TrainingHistory;
}

const columns = [
  'step',
  'epoch',
  'loss',
  'learningRate',
  'momentum',
  'weightDecay',
  'seconds',
  'dataSeconds',
] as const satisfies readonly (keyof StepResult & keyof TrainingHistory)[];

/** Keeps every step's figures and every reported metric; travels with the checkpoints. Put it first in the list. */
export function recorder(options: { readonly name?: string } = {}): Recorder {
  check.refuseUnknown('recorder', options, ['name']);
  const history = emptyHistory();
  const clear = () => {
    for (const column of columns) history[column].length = 0;
    for (const name of Object.keys(history.metrics)) delete history.metrics[name];
  };
  const collectMetrics = ({ metrics }: TrainingRun) => {
    for (const [name, metric] of metrics) {
      history.metrics[name] ??= [];
      const last = history.metrics[name].at(-1);
      if (last?.step !== metric.step || !Object.is(last.value, metric.value))
        history.metrics[name].push(metric);
    }
  };
  let restored = false;
  return {
    name: options.name ?? 'recorder',
    history,
    trainBegin() {
      if (!restored) clear();
      restored = false;
    },
    stepBegin: collectMetrics,
    stepEnd(_run, result) {
      for (const column of columns) history[column].push(result[column]);
    },
    trainEnd: collectMetrics,
    error: collectMetrics,
    state: () => ({ json: structuredClone(history) }),
    restore({ json }) {
      clear();
      const saved = json as TrainingHistory;
      // JSON has no NaN: a loss that was not a number comes back as null.
      for (const column of columns)
        history[column].push(...saved[column].map((value) => value ?? Number.NaN));
      Object.assign(history.metrics, structuredClone(saved.metrics));
      restored = true;
    },
  };
}

function emptyHistory(): TrainingHistory {
  return {
    step: [],
    epoch: [],
    loss: [],
    learningRate: [],
    momentum: [],
    weightDecay: [],
    seconds: [],
    dataSeconds: [],
    metrics: {},
  };
}
