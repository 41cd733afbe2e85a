import { type ErrorKind, optionChecks, TypedError } from '@mnist/kit';

const kinds = {
  /** An option or argument is wrong. */
  INVALID_OPTION: 'input',
  /** The bytes are not an IDX file. */
  NOT_IDX: 'data',
  /** IDX, but shorter or longer than its header says. */
  WRONG_SIZE: 'data',
  /** A gzip stream that cannot be unpacked. */
  CORRUPT_GZIP: 'data',
  /** IDX of another element type, rank or shape than the data set has. */
  WRONG_SHAPE: 'data',
  /** The unpacked bytes are not the published ones. */
  WRONG_CHECKSUM: 'data',
  /** A label outside the classes, or another number of labels than images. */
  BAD_LABELS: 'data',
  /** A web page came instead of a file. */
  NOT_A_FILE: 'data',
  /** A mirror answered with an HTTP error. */
  HTTP_STATUS: 'environment',
  /** A mirror could not be reached, broke off or kept silent. */
  NETWORK: 'environment',
  /** A file could not be read or written. */
  FILE_ACCESS: 'environment',
  /** The data set is nowhere to be had. `causes` lists every place that was tried. */
  DATASET_UNAVAILABLE: 'environment',
} as const satisfies Record<string, ErrorKind>;

/** What went wrong, for programs. */
export type DatasetErrorCode = keyof typeof kinds;

/** Every error of this package: what was found, what was expected, and the remedy. */
export class DatasetError extends TypedError<DatasetErrorCode> {
  override readonly name = 'DatasetError';
  /** For `DATASET_UNAVAILABLE`: one error per place. */
  readonly causes: readonly Error[];

  constructor(
    code: DatasetErrorCode,
    message: string,
    options: { cause?: unknown; causes?: readonly Error[] } = {},
  ) {
    super(code, kinds[code], message, options.cause === undefined ? undefined : { cause: options.cause });
    this.causes = options.causes ?? [];
  }
}

/** Option checks: what fails is a DatasetError `INVALID_OPTION`. */
export const check = optionChecks((message) => new DatasetError('INVALID_OPTION', message));
