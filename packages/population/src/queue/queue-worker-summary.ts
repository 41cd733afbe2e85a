/** What a worker has done. */
export interface QueueWorkerSummary {
  /** Nets trained here and accepted. */
  readonly accepted: number;
  /** Nets trained here that had arrived from another worker. */
  readonly redundant: number;
  /** Failed attempts. */
  readonly failed: number;
  /** Nets handed back, or lost to another worker. */
  readonly interrupted: number;
  /**
   * Whether Redis was there at the end. If not, nets in training could not be handed back: others take them over from their
   * last checkpoint when `heartbeatTimeoutMs` has passed.
   */
  readonly connected: boolean;
  readonly seconds: number;
}
