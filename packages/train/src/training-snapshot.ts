import type { Loss, NamedTensor, Optimizer, TrainingState } from '@mnist/engine';
import type { BatchPrint } from './_batch-print.js';

/** What one callback keeps in a checkpoint. */
export interface CallbackState {
  /** Anything that JSON can hold, and not long; numbers may also be NaN and infinite. */
  readonly json?: unknown;
  readonly tensors?: Readonly<Record<string, readonly NamedTensor[]>>;
  /** Series of numbers, which may be long. */
  readonly columns?: Readonly<Record<string, Float64Array>>;
}

/** A hyperparameter as a resume compares it: its values at up to 33 steps, evenly spread over the training. */
export type ScheduleIdentity = readonly (readonly [step: number, value: number])[];

/** What must be the same for a training to be continued rather than changed; `checkpoint({ mayChange })` lists exceptions. */
export interface TrainingIdentity {
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly seed: number;
  readonly learningRate: ScheduleIdentity;
  readonly momentum: ScheduleIdentity;
  readonly weightDecay: ScheduleIdentity;
  /** `identity` of the callbacks that have one, by name. */
  readonly callbacks: Readonly<Record<string, unknown>>;
}

/** A reported figure and the number of steps after which it was taken. */
export interface Metric {
  readonly value: number;
  readonly step: number;
}

/** A whole training at one moment; what a checkpoint holds. */
export interface TrainingSnapshot {
  readonly identity: TrainingIdentity;
  /** `session.computedBy`: engine, precision, path. May differ from one part of a training to the next. */
  readonly computedBy: string;
  /** What tells the last batch that was trained on; undefined before the first. */
  readonly lastBatch: BatchPrint | undefined;
  readonly state: TrainingState;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** By callback name. */
  readonly callbacks: Readonly<Record<string, CallbackState>>;
}
