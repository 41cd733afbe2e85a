/** What went wrong, stable across versions. */
export type EnsembleErrorCode =
  | 'invalid-option'
  | 'unknown-option'
  | 'invalid-probabilities'
  | 'invalid-logits'
  | 'invalid-images'
  | 'invalid-labels'
  | 'shape-mismatch'
  | 'no-data';

/** Every error that this package throws on purpose. The message names what was found, what was expected and the remedy. */
export class EnsembleError extends Error {
  override readonly name = 'EnsembleError';
  readonly code: EnsembleErrorCode;

  constructor(code: EnsembleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
