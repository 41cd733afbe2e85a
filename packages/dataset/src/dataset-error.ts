/** What went wrong, for programs. */
export type DatasetErrorCode =
  /** The bytes are not an IDX file. */
  | 'not-idx'
  /** IDX, but shorter or longer than its header says. */
  | 'wrong-size'
  /** A gzip stream that cannot be unpacked. */
  | 'corrupt-gzip'
  /** IDX of another element type, rank or shape than the data set has. */
  | 'wrong-shape'
  /** The unpacked bytes are not the published ones. */
  | 'wrong-checksum'
  /** A label outside the classes, or another number of labels than images. */
  | 'bad-labels'
  /** A web page came instead of a file. */
  | 'not-a-file'
  /** A mirror answered with an HTTP error. */
  | 'http-status'
  /** A mirror could not be reached, broke off or kept silent. */
  | 'network'
  /** A file could not be read or written. */
  | 'file-access'
  /** The data set is nowhere to be had. `causes` lists every place that was tried. */
  | 'dataset-unavailable'
  /** An option or argument is wrong. */
  | 'bad-option';

/** Every error of this package: what was found, what was expected, and the remedy. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly code: DatasetErrorCode;
  /** For `dataset-unavailable`: one error per place. */
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
