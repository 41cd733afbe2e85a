import { type ErrorKind, optionChecks, TypedError } from '@mnist/kit';

const kinds = {
  INVALID_OPTION: 'input',
  INVALID_IMAGE: 'input',
  INVALID_KEY: 'input',
  INVALID_SPEC: 'input',
  INVALID_DATASET: 'input',
  /** A function without a recipe cannot be sent to a worker. */
  TRANSFORM_NOT_PORTABLE: 'input',
  /** A transform threw; the cause has it. */
  TRANSFORM_FAILED: 'input',
  /** A worker ended while it was needed. */
  WORKER_DIED: 'environment',
  /** Workers cannot share memory with this page. */
  WORKERS_UNAVAILABLE: 'environment',
  LOADER_CLOSED: 'input',
} as const satisfies Record<string, ErrorKind>;

/** What went wrong, for programs. The message is for people. */
export type AugmentErrorCode = keyof typeof kinds;

/** Every error that this package throws on purpose. */
export class AugmentError extends TypedError<AugmentErrorCode> {
  override readonly name = 'AugmentError';
  /** Position in the data set of the image that was being transformed, where one was. */
  readonly imageIndex: number | undefined;

  constructor(
    code: AugmentErrorCode,
    message: string,
    details: { imageIndex?: number; cause?: unknown } = {},
  ) {
    super(code, kinds[code], message, details.cause === undefined ? undefined : { cause: details.cause });
    this.imageIndex = details.imageIndex;
  }
}

/** Option checks: what fails is an AugmentError `INVALID_OPTION`. */
export const check = optionChecks((message) => new AugmentError('INVALID_OPTION', message));
