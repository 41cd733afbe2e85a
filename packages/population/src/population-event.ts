import type { PopulationError } from './population-error.js';
import type { ProgressReport } from './recipe.js';

/** A net in training. */
export interface RunningNet {
  readonly index: number;
  /** Steps finished and steps in all; 0 of 1 before the first report. */
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number | undefined;
  /** Which worker has it: a number for local ones, a name for those on a queue. */
  readonly worker: string;
}

/** Where a run stands. Plain data: draw it as you like. */
export interface PopulationProgress {
  /** Nets asked for. */
  readonly count: number;
  readonly complete: number;
  readonly failed: number;
  /** Nets neither complete nor failed nor running here: waiting, or with another runner. */
  readonly waiting: number;
  readonly running: readonly RunningNet[];
  /** 0 to 1: complete nets and the finished parts of running ones. */
  readonly fraction: number;
  /** Seconds since this run began. */
  readonly elapsedSeconds: number;
  /** Seconds to the end at the pace of this run; undefined before there is a pace. */
  readonly remainingSeconds: number | undefined;
  /** Workers that are connected to the queue; undefined without a queue, and before the first look. */
  readonly connectedWorkers: number | undefined;
}

/** What a run says, in order. `index` is the number of a net. */
export type PopulationEvent =
  /** Once, at first. `complete` lists the nets that need no training. */
  | {
      readonly type: 'opened';
      readonly folder: string;
      readonly count: number;
      readonly complete: readonly number[];
      readonly damaged: readonly number[];
    }
  | {
      readonly type: 'started';
      readonly index: number;
      readonly seed: number;
      readonly attempt: number;
      /** Whether there was a checkpoint to go on from. */
      readonly resumed: boolean;
      readonly worker: string;
    }
  | { readonly type: 'reported'; readonly index: number; readonly progress: ProgressReport }
  | { readonly type: 'log'; readonly index: number; readonly message: string }
  | {
      readonly type: 'completed';
      readonly index: number;
      /** 'other': another runner trained it. */
      readonly by: 'this run' | 'other';
      readonly metrics: Readonly<Record<string, number>> | undefined;
    }
  /** The claim was lost or the run stops: the net will be resumed from its last checkpoint. */
  | { readonly type: 'interrupted'; readonly index: number; readonly reason: string }
  | {
      readonly type: 'failed';
      readonly index: number;
      readonly attempt: number;
      readonly error: PopulationError;
      /** Milliseconds until the next attempt; undefined: given up. */
      readonly retryInMs: number | undefined;
    }
  /** On a queue, every few seconds: who is there to train. Empty: no worker is connected, so nothing happens. */
  | { readonly type: 'workers'; readonly names: readonly string[] }
  /** On a queue: Redis was lost (`false`) or is back (`true`). The run waits meanwhile. */
  | { readonly type: 'connection'; readonly connected: boolean }
  /** On a queue: Redis has no room. The run waits until there is some. */
  | { readonly type: 'queueFull'; readonly message: string }
  /** A damaged net was moved to `path`. */
  | { readonly type: 'setAside'; readonly index: number; readonly path: string }
  /** After every change, at most four times a second. */
  | { readonly type: 'progress'; readonly progress: PopulationProgress };
