/** Anything that JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What a recipe says about how far it is. Further numbers (accuracy, learning rate, ...) travel along. */
export interface ProgressReport {
  /** Steps finished, from 0. */
  readonly step: number;
  /** Steps of the whole training, at least 1. */
  readonly totalSteps: number;
  /** Training loss of late, in the recipe's own unit. */
  readonly loss?: number;
  readonly [measure: string]: number | undefined;
}

/** What a recipe is given to train one net. */
export interface RecipeContext {
  /** Number of the net in its population, from 0. */
  readonly index: number;
  /**
   * uint32. Depends on the population's seed and on `index` alone, so the net is the same whoever trains it.
   * Take every random draw from it.
   */
  readonly seed: number;
  /** The population's config. */
  readonly config: JsonValue;
  /**
   * Folder for checkpoints. It survives a crash, an abort and a move to another machine, so look here first and
   * go on from what you find. Write each checkpoint to a temporary name and rename it. Its path may differ next
   * time: store no absolute paths in it.
   */
  readonly workFolder: string;
  /** Empty folder for the files to publish: `model.json`, `weights.bin`, ... Subfolders are fine. */
  readonly outputFolder: string;
  /** Threads that the engine may use. */
  readonly threads: number;
  /** One of the run's `devices`, this net's alone until it is done; undefined when the run names none. */
  readonly device: string | undefined;
  /**
   * Aborted when the run is to stop. Write a checkpoint, call `checkpointed()`, then throw `signal.reason`.
   * After a grace period the process is killed.
   */
  readonly signal: AbortSignal;
  /** Cheap enough for every step: reports are thinned out before they leave the process. */
  report(progress: ProgressReport): void;
  /** A line for people. */
  log(message: string): void;
  /**
   * Says that `workFolder` now holds a complete checkpoint. On a queue this is the moment when it is copied to
   * Redis (at most once in `checkpointIntervalMs`); do not write to `workFolder` until the promise resolves.
   */
  checkpointed(): Promise<void>;
}

/** What a recipe returns for a trained net. Everything but `environment` must be the same in every repetition. */
export interface MemberResult {
  /** Finite numbers, such as `{ testAccuracy: 0.9971 }`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Softmax outputs on the evaluation set. */
  readonly probabilities: {
    /** float32, row-major [count, classes]; each row sums to 1. */
    readonly data: Float32Array;
    readonly shape: readonly [count: number, classes: number];
    /** uint8 [count]: the true classes of the rows. Their SHA-256 is stored, so that a later reader can check. */
    readonly labels?: Uint8Array;
  };
  /** Losses, learning rates, validation figures, ... No wall-clock times: those differ between repetitions. */
  readonly history?: JsonValue;
  /** What may differ between repetitions: engine, provider, timings. */
  readonly environment?: Readonly<Record<string, JsonValue>>;
}

/**
 * How to train one net. A recipe lives in an ES module of its own that exports it as `recipe`; the module is
 * imported in every worker process and, for its `name` and `version`, in the process that starts the run. Import
 * heavy packages inside `train`.
 */
export interface Recipe {
  readonly name: string;
  /** Change it whenever a net would come out different. A population never mixes versions. */
  readonly version: string;
  train(context: RecipeContext): Promise<MemberResult>;
}
