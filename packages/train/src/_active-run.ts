import type { BatchSource } from '@mnist/dataset';
import type { TrainingSession } from '@mnist/engine';
import type { Callback } from './callbacks/callback.js';
import { TrainError } from './train-error.js';
import type { TrainingRun } from './training-run.js';
import type { CallbackState, Metric, TrainingIdentity, TrainingSnapshot } from './training-snapshot.js';

/** The one mutable thing of a training; callbacks see it as a `TrainingRun`. */
export class ActiveRun implements TrainingRun {
  readonly metrics = new Map<string, Metric>();
  step = 0;
  resumedFrom: number | undefined;
  stopReason: string | undefined;
  stopDetail: string | undefined;

  constructor(
    readonly session: TrainingSession,
    readonly data: BatchSource,
    readonly identity: TrainingIdentity,
    private readonly callbacks: readonly Callback[],
    readonly now: () => number,
  ) {}

  get totalSteps(): number {
    return this.data.totalBatches;
  }

  report(metrics: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(metrics)) {
      if (typeof value !== 'number') {
        throw new TrainError(
          'INVALID_OPTION',
          `The metric '${name}' is ${String(value)}; it must be a number.`,
        );
      }
      this.metrics.set(name, { value, step: this.step });
    }
  }

  stop(reason: string, detail?: string): void {
    if (this.stopReason !== undefined) return;
    this.stopReason = reason;
    this.stopDetail = detail;
  }

  async snapshot(): Promise<TrainingSnapshot> {
    const callbacks: Record<string, CallbackState> = {};
    for (const callback of this.callbacks) {
      if (callback.state) callbacks[callback.name] = await callback.state();
    }
    return {
      identity: this.identity,
      state: await this.session.state(),
      metrics: Object.fromEntries(this.metrics),
      callbacks,
    };
  }

  /** Takes over a snapshot: session, metrics and callbacks. */
  async resume(snapshot: TrainingSnapshot): Promise<void> {
    checkIdentity(snapshot.identity, this.identity);
    const { step } = snapshot.state;
    if (step > this.totalSteps) {
      throw new TrainError(
        'CHECKPOINT_MISMATCH',
        `The checkpoint was taken after ${step} steps, but the data has only ${this.totalSteps} batches.`,
      );
    }
    await this.session.restore(snapshot.state);
    this.step = step;
    this.resumedFrom = step;
    for (const [name, metric] of Object.entries(snapshot.metrics)) this.metrics.set(name, metric);
    for (const callback of this.callbacks) {
      const state = snapshot.callbacks[callback.name];
      if (state) await callback.restore?.(state);
    }
  }
}

/** The engine may differ: the state is neutral, though the last bits of what follows will not be the same. */
function checkIdentity(found: TrainingIdentity, wanted: TrainingIdentity): void {
  for (const key of ['batchSize', 'stepsPerEpoch', 'loss', 'optimizer', 'seed'] as const) {
    const [a, b] = [JSON.stringify(found[key]), JSON.stringify(wanted[key])];
    if (a !== b) {
      throw new TrainError(
        'CHECKPOINT_MISMATCH',
        `The checkpoint belongs to a training with ${key} ${a}, this one has ${b}. Use the same options, or another folder.`,
      );
    }
  }
}
