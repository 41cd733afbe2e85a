/** What went wrong, for programs. The message is for people. */
export type HandwritingErrorCode =
  | 'INVALID_PICTURE'
  | 'INVALID_OPTION'
  | 'NO_DIGIT'
  | 'FILE_ACCESS'
  | 'UNKNOWN_FORMAT'
  | 'UNSUPPORTED_FORMAT'
  | 'DAMAGED_FILE'
  | 'TOO_MANY_BYTES'
  | 'TOO_MANY_PIXELS'
  | 'TOO_SMALL';

/** Every error that this package throws on purpose: its text names the value, what was expected and the remedy. */
export class HandwritingError extends Error {
  override readonly name = 'HandwritingError';
  readonly code: HandwritingErrorCode;

  constructor(code: HandwritingErrorCode, message: string, details: { cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
  }
}
