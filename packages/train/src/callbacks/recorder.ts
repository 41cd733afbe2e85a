import { text } from '@mnist/kit';
import { check } from '../_options.js';
import type { StepResult } from '../step-result.js';
import type { TrainingRun } from '../training-run.js';
import type { CallbackState, Metric } from '../training-snapshot.js';
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
  const { name } = check.complete('recorder', options, { name: 'recorder' }, { name: text });
  const history = emptyHistory();
  const clear = () => {
    for (const column of columns) history[column].length = 0;
    for (const metric of Object.keys(history.metrics)) delete history.metrics[metric];
  };
  const collectMetrics = ({ metrics }: TrainingRun) => {
    for (const [metric, latest] of metrics) {
      history.metrics[metric] ??= [];
      const last = history.metrics[metric].at(-1);
      if (last?.step !== latest.step || !Object.is(last.value, latest.value))
        history.metrics[metric].push(latest);
    }
  };
  let restored = false;
  return {
    name,
    reports: [],
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
    state: () => packHistory(history),
    restore(state) {
      clear();
      unpackHistory(state, history);
      restored = true;
    },
  };
}

/** As binary columns: a checkpoint copies them, whatever the number of steps, where JSON would be built and parsed anew. */
function packHistory(history: TrainingHistory): CallbackState {
  const metrics = Object.entries(history.metrics);
  return {
    json: { metrics: metrics.map(([name]) => name) },
    columns: {
      ...Object.fromEntries(columns.map((column) => [column, Float64Array.from(history[column])])),
      ...Object.fromEntries(
        metrics.flatMap(([, list], i) => [
          [`metric ${i} step`, Float64Array.from(list, ({ step }) => step)],
          [`metric ${i} value`, Float64Array.from(list, ({ value }) => value)],
        ]),
      ),
    },
  };
}

function unpackHistory({ json, columns: saved = {} }: CallbackState, history: TrainingHistory): void {
  const { metrics } = json as { metrics: string[] };
  const length = saved.step?.length;
  const fine = columns.every((column) => saved[column]?.length === length);
  if (length === undefined || !fine) throw new Error('the columns of the history are not of one length');
  for (const column of columns) for (const value of saved[column]!) history[column].push(value);
  for (const [i, name] of metrics.entries()) {
    const [steps, values] = [saved[`metric ${i} step`], saved[`metric ${i} value`]];
    if (!steps || steps.length !== values?.length) throw new Error(`the metric '${name}' has no values`);
    history.metrics[name] = Array.from(steps, (step, k) => ({ value: values[k]!, step }));
  }
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
