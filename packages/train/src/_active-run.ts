import type { Batch, BatchSource } from '@mnist/dataset';
import type { TrainingSession } from '@mnist/engine';
import { type BatchPrint, comparePrints, printBatch } from './_batch-print.js';
import { checkIdentity, mismatch, type Schedules } from './_training-identity.js';
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
  #lastBatch: BatchPrint | undefined;

  constructor(
    readonly session: TrainingSession,
    readonly data: BatchSource,
    readonly identity: TrainingIdentity,
    private readonly schedules: Schedules,
    readonly callbacks: readonly Callback[],
    readonly now: () => number,
  ) {}

  get totalSteps(): number {
    return this.data.totalBatches;
  }

  /** A step was taken on this batch. */
  advance(batch: Batch): void {
    this.step++;
    this.#lastBatch = printBatch(batch);
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
      computedBy: this.session.computedBy,
      lastBatch: this.#lastBatch,
      state: await this.session.state(),
      metrics: Object.fromEntries(this.metrics),
      callbacks,
    };
  }

  /** Takes over a snapshot: session, metrics and callbacks. */
  async resume(snapshot: TrainingSnapshot): Promise<void> {
    const { step } = snapshot.state;
    checkIdentity(snapshot.identity, this.identity, this.schedules);
    if (step > this.totalSteps) {
      throw new TrainError(
        'CHECKPOINT_MISMATCH',
        `The checkpoint was taken after ${step} steps, but the data has only ${this.totalSteps} batches.`,
      );
    }
    if (snapshot.lastBatch) await this.#checkData(snapshot.lastBatch, step - 1);
    await this.session.restore(snapshot.state);
    this.#lastBatch = snapshot.lastBatch;
    this.step = step;
    this.resumedFrom = step;
    this.metrics.clear();
    for (const [name, metric] of Object.entries(snapshot.metrics)) this.metrics.set(name, metric);
    for (const callback of this.callbacks) {
      const state = snapshot.callbacks[callback.name];
      if (!state) continue;
      try {
        await callback.restore?.(state);
      } catch (error) {
        throw new TrainError(
          'CHECKPOINT_CORRUPT',
          `The checkpoint's part of the callback '${callback.name}' cannot be used: ${(error as Error)?.message ?? String(error)}.`,
          { cause: error },
        );
      }
    }
  }

  /** The last batch before the checkpoint, drawn again: before anything is cut, written or trained. */
  async #checkData(found: BatchPrint, step: number): Promise<void> {
    for await (const batch of this.data.iterate(step)) {
      const difference = comparePrints(found, printBatch(batch));
      if (difference) throw mismatch('data', `other data at step ${step}`, difference);
      return;
    }
  }
}
