import type { BatchSource } from '@mnist/dataset';
import type { TrainingSession } from '@mnist/engine';
import type { Metric, TrainingIdentity, TrainingSnapshot } from './training-snapshot.js';

/** What callbacks may know of one another. */
export interface Participant {
  readonly name: string;
  readonly reports?: readonly string[];
  /** Present where the callback travels with the checkpoints. */
  readonly restore?: unknown;
}

/** A training in progress, as its callbacks see it. */
export interface TrainingRun {
  /** May be asked for predictions and states, and restored, from any hook. */
  readonly session: TrainingSession;
  readonly data: BatchSource;
  readonly identity: TrainingIdentity;
  /** Those that take part, in the order in which they run. */
  readonly callbacks: readonly Participant[];
  /** Steps of the whole training. */
  readonly totalSteps: number;
  /** Steps taken so far, those before a resume included. */
  readonly step: number;
  /** Step that this run continued from; undefined for a fresh start. */
  readonly resumedFrom: number | undefined;
  /** Latest value of each reported metric. */
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Why the training is about to end, once somebody has called `stop` or the signal fired. */
  readonly stopReason: string | undefined;
  /** Publishes figures under their names, for the callbacks further down the list and for the summary. */
  report(metrics: Readonly<Record<string, number>>): void;
  /** Ends the training after the current hooks. The first reason given counts. */
  stop(reason: string, detail?: string): void;
  /** Everything a resume needs, the callbacks' states included. */
  snapshot(): Promise<TrainingSnapshot>;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}
