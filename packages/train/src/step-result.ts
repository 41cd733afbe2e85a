import type { Hyperparameters } from '@mnist/engine';

/** One training step: where it stands, what it ran with, what came out. */
export interface StepResult extends Hyperparameters {
  /** From 0. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  /** True for the last batch of an epoch: `epochEnd` follows. */
  readonly lastInEpoch: boolean;
  /** Seconds that the trainer waited for the batch. */
  readonly dataSeconds: number;
  /** Mean loss of the batch before the update. */
  readonly loss: number;
  /** Seconds of the engine's step. */
  readonly seconds: number;
}
