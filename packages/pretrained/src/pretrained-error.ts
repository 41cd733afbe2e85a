import { type ErrorKind, optionChecks, TypedError } from '@mnist/kit';

const kinds = {
  /** An option is unknown, of the wrong type or out of range. */
  INVALID_OPTION: 'input',
  /** The package ships no committee of that name. */
  UNKNOWN_COMMITTEE: 'input',
  /** The committee has no net of that name or number. */
  UNKNOWN_NET: 'input',
  /** TensorFlow.js has no backend to hold the weights. */
  NO_BACKEND: 'environment',
  /** A file of a net cannot be read where it is looked for. */
  FILE_MISSING: 'environment',
  /** A file of a net is not the one that belongs to this version of the package. */
  FILE_CORRUPT: 'data',
} as const satisfies Record<string, ErrorKind>;

/** What went wrong, for programs. The text of the error is for people: it names what was found and the remedy. */
export type PretrainedErrorCode = keyof typeof kinds;

/** Every error that this package throws on purpose. */
export class PretrainedError extends TypedError<PretrainedErrorCode> {
  override readonly name = 'PretrainedError';

  constructor(code: PretrainedErrorCode, message: string, options?: ErrorOptions) {
    super(code, kinds[code], message, options);
  }
}

/** Option checks: what fails is a PretrainedError `INVALID_OPTION`. */
export const check = optionChecks((message) => new PretrainedError('INVALID_OPTION', message));
