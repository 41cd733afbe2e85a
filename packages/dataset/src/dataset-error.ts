/** What went wrong, for programs. */
export type DatasetErrorCode =
  /** The bytes are not an IDX file. */
  | 'NOT_IDX'
  /** IDX, but shorter or longer than its header says. */
  | 'WRONG_SIZE'
  /** A gzip stream that cannot be unpacked. */
  | 'CORRUPT_GZIP'
  /** IDX of another element type, rank or shape than the data set has. */
  | 'WRONG_SHAPE'
  /** The unpacked bytes are not the published ones. */
  | 'WRONG_CHECKSUM'
  /** A label outside the classes, or another number of labels than images. */
  | 'BAD_LABELS'
  /** A web page came instead of a file. */
  | 'NOT_A_FILE'
  /** A mirror answered with an HTTP error. */
  | 'HTTP_STATUS'
  /** A mirror could not be reached, broke off or kept silent. */
  | 'NETWORK'
  /** A file could not be read or written. */
  | 'FILE_ACCESS'
  /** The data set is nowhere to be had. `causes` lists every place that was tried. */
  | 'DATASET_UNAVAILABLE'
  /** An option or argument is wrong. */
  | 'BAD_OPTION';

/** Every error of this package: what was found, what was expected, and the remedy. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly code: DatasetErrorCode;
  /** For `DATASET_UNAVAILABLE`: one error per place. */
  readonly causes: readonly Error[];

  constructor(
    code: DatasetErrorCode,
    message: string,
    options: { cause?: unknown; causes?: readonly Error[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.causes = options.causes ?? [];
  }
}
