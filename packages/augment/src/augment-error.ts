/** What went wrong, for programs. The message is for people. */
export type AugmentErrorCode =
  | 'INVALID_IMAGE'
  | 'INVALID_OPTION'
  | 'INVALID_KEY'
  | 'INVALID_SPEC'
  | 'INVALID_DATASET'
  | 'TRANSFORM_NOT_PORTABLE'
  | 'TRANSFORM_FAILED'
  | 'WORKER_DIED'
  | 'LOADER_CLOSED';

/** Every error that this package throws on purpose. */
export class AugmentError extends Error {
  override readonly name = 'AugmentError';
  readonly code: AugmentErrorCode;
  /** Position in the data set of the image that was being transformed, where one was. */
  readonly imageIndex: number | undefined;

  constructor(
    code: AugmentErrorCode,
    message: string,
    details: { imageIndex?: number; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.imageIndex = details.imageIndex;
  }
}
