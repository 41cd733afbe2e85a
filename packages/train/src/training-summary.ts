/** How a training ended. The model holds the final weights. */
export interface TrainingSummary {
  /**
   * `completed`: every batch was seen. `aborted`: the AbortSignal fired. `left`: the loop over `trainSteps()` was left.
   * Anything else is the reason that a callback gave to `run.stop`: `earlyStopping`, `diverged`, `timeLimit`, ...
   */
  readonly reason: 'completed' | 'aborted' | 'left' | (string & {});
  /** One sentence from whoever stopped the training. */
  readonly detail: string | undefined;
  /** Steps taken since the start of the training, those before a resume included. */
  readonly steps: number;
  /** Loss of the last step of this run; undefined where it took none. */
  readonly loss: number | undefined;
  /** Wall-clock seconds of this run. */
  readonly seconds: number;
  /** Step that this run continued from; undefined for a fresh start. */
  readonly resumedFrom: number | undefined;
  /** The latest value of each reported metric. */
  readonly metrics: Readonly<Record<string, number>>;
}
