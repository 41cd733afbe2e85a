import { type ErrorKind, TypedError } from '@mnist/kit';

/** What went wrong, for programs. The message is for people. */
export type HandwritingErrorCode = keyof typeof kinds;

const kinds = {
  INVALID_PICTURE: 'input',
  INVALID_OPTION: 'input',
  NO_DIGIT: 'data',
  TOO_SMALL: 'data',
  UNKNOWN_FORMAT: 'data',
  UNSUPPORTED_FORMAT: 'data',
  DAMAGED_FILE: 'data',
  TOO_MANY_BYTES: 'data',
  TOO_MANY_PIXELS: 'data',
  FILE_ACCESS: 'environment',
  NO_DECODER: 'environment',
} as const satisfies Record<string, ErrorKind>;

/** Every error that this package throws on purpose: its text names the value, what was expected and the remedy. */
export class HandwritingError extends TypedError<HandwritingErrorCode> {
  override readonly name = 'HandwritingError';

  constructor(code: HandwritingErrorCode, message: string, options?: ErrorOptions) {
    super(code, kinds[code], message, options);
  }
}
