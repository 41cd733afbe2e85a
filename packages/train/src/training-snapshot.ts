import type { Loss, NamedTensor, Optimizer, TrainingState } from '@mnist/engine';

/** What one callback keeps in a checkpoint. */
export interface CallbackState {
  /** Anything that JSON can hold; numbers may also be NaN and infinite. */
  readonly json?: unknown;
  readonly tensors?: Readonly<Record<string, readonly NamedTensor[]>>;
}

/** What must be the same for a training to be continued rather than changed. */
export interface TrainingIdentity {
  readonly engine: string;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly seed: number;
}

/** A reported figure and the number of steps after which it was taken. */
export interface Metric {
  readonly value: number;
  readonly step: number;
}

/** A whole training at one moment; what a checkpoint holds. */
export interface TrainingSnapshot {
  readonly identity: TrainingIdentity;
  readonly state: TrainingState;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** By callback name. */
  readonly callbacks: Readonly<Record<string, CallbackState>>;
}
