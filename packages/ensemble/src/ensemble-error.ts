/** What went wrong, stable across versions. */
export type EnsembleErrorCode =
  | 'INVALID_OPTION'
  | 'UNKNOWN_OPTION'
  | 'INVALID_PROBABILITIES'
  | 'INVALID_LOGITS'
  | 'INVALID_IMAGES'
  | 'INVALID_LABELS'
  | 'SHAPE_MISMATCH'
  | 'NO_DATA';

/** Every error that this package throws on purpose. The message names what was found, what was expected and the remedy. */
export class EnsembleError extends Error {
  override readonly name = 'EnsembleError';
  readonly code: EnsembleErrorCode;

  constructor(code: EnsembleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
