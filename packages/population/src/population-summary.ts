/** What a finished run leaves. */
export interface PopulationSummary {
  /** Absolute path. */
  readonly folder: string;
  /** Nets asked for; all of them are complete. */
  readonly count: number;
  /** Trained by this run. */
  readonly trained: readonly number[];
  /** Trained by others while this run lasted. */
  readonly byOthers: readonly number[];
  /** Complete before this run. */
  readonly kept: readonly number[];
  readonly seconds: number;
}
