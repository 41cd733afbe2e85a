import type { StepResult } from '../step-result.js';
import type { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import type { CallbackState, TrainingSnapshot } from '../training-snapshot.js';
import type { TrainingSummary } from '../training-summary.js';

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Something that takes part in a training: a plain object with the hooks it needs.
 *
 * Order of the hooks: `resume` once, `trainBegin` once; then `epochBegin`, (`stepBegin`, `stepEnd`) for each batch,
 * `epochEnd`; then `trainEnd`, or `error` where anything failed (a failing `trainEnd` included). Callbacks run in the order of the list, those with `last` after
 * the others; `trainEnd` and `error` run in the reverse order, like unwinding. A training that is resumed in the middle of
 * an epoch starts with `epochBegin` of that epoch.
 *
 * A hook that throws ends the training with that error.
 */
export interface Callback {
  /** Rules functions out, which have a name too: `callbacks: [recorder]` instead of `[recorder()]` does not compile. */
  readonly call?: never;
  /** Unique within a training; names the callback's part of a checkpoint. */
  readonly name: string;
  /** Runs after the callbacks that do not set it, whatever its place in the list. Checkpoints do. */
  readonly last?: boolean;
  /**
   * The metrics that it reports; empty for none. Lets those that watch a metric find a wrong name before the first step.
   * Default: unknown.
   */
  readonly reports?: readonly string[];
  /** Decides which weights the model ends with (the average, the best). One callback of a training may. */
  readonly choosesFinalWeights?: boolean;
  /** Looks at the final weights in `trainEnd`, so it must stand before the callback that chooses them. */
  readonly needsFinalWeights?: boolean;
  /** What of its options must be the same after a resume, as JSON; recorded in the checkpoints. */
  readonly identity?: unknown;
  /**
   * Offers a state to continue from, before anything has run. The first callback that offers one decides.
   * `rejected`: why the state that it offered before could not be taken; asked again for another one.
   */
  resume?(run: TrainingRun, rejected?: TrainError): Awaitable<TrainingSnapshot | undefined>;
  trainBegin?(run: TrainingRun): Awaitable<void>;
  epochBegin?(run: TrainingRun, epoch: number): Awaitable<void>;
  /** `upcoming`: the step's position and hyperparameters. */
  stepBegin?(run: TrainingRun, upcoming: Omit<StepResult, 'loss' | 'seconds'>): Awaitable<void>;
  stepEnd?(run: TrainingRun, result: StepResult): Awaitable<void>;
  epochEnd?(run: TrainingRun, epoch: number): Awaitable<void>;
  /** The session is still open: what is restored into it here becomes the model's weights. */
  trainEnd?(run: TrainingRun, summary: TrainingSummary): Awaitable<void>;
  error?(run: TrainingRun, error: unknown): Awaitable<void>;
  /** What a resumed training needs to go on as if it had never stopped. */
  state?(): Awaitable<CallbackState>;
  /** Called before `trainBegin` of a resumed training. */
  restore?(state: CallbackState): Awaitable<void>;
}
