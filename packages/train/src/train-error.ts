/** Stable reasons; the text of the error names the value found, what was expected and the remedy. */
export type TrainErrorCode =
  | 'UNKNOWN_OPTION'
  | 'INVALID_OPTION'
  | 'INVALID_BATCH'
  | 'INVALID_HYPERPARAMETER'
  | 'STATE_MISMATCH'
  | 'SESSION_DISPOSED'
  | 'UNSUPPORTED_MODEL'
  | 'BACKEND_UNAVAILABLE'
  | 'ALREADY_RUNNING'
  | 'CALLBACK_FAILED'
  | 'DIVERGED'
  | 'CHECKPOINT_CORRUPT'
  | 'CHECKPOINT_MISMATCH'
  | 'CHECKPOINT_UNAVAILABLE';

/** Every error that `@mnist/train` raises on purpose. */
export class TrainError extends Error {
  override readonly name = 'TrainError';
  readonly code: TrainErrorCode;

  constructor(code: TrainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
