import { type ErrorKind, optionChecks, TypedError } from '@mnist/kit';

const kinds = {
  INVALID_OPTION: 'input',
  INVALID_PROBABILITIES: 'data',
  /** A logit is NaN or infinite: the net has diverged. */
  INVALID_LOGITS: 'data',
  INVALID_IMAGES: 'input',
  INVALID_LABELS: 'input',
  SHAPE_MISMATCH: 'input',
  NO_DATA: 'input',
} as const satisfies Record<string, ErrorKind>;

/** What went wrong, stable across versions. */
export type EnsembleErrorCode = keyof typeof kinds;

/** Every error that this package throws on purpose. The message names what was found, what was expected and the remedy. */
export class EnsembleError extends TypedError<EnsembleErrorCode> {
  override readonly name = 'EnsembleError';

  constructor(code: EnsembleErrorCode, message: string, options?: ErrorOptions) {
    super(code, kinds[code], message, options);
  }
}

/** Option checks: what fails is an EnsembleError `INVALID_OPTION`. */
export const check = optionChecks((message) => new EnsembleError('INVALID_OPTION', message));
