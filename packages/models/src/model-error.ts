/** What went wrong, for programs. The text of the error is for people: it names what was found and the remedy. */
export type ModelErrorCode =
  /** An option is unknown, of the wrong type or out of range. */
  | 'INVALID_OPTION'
  /** The images are too small for the net. */
  | 'INVALID_INPUT_SHAPE'
  /** The zoo has no net of that name. */
  | 'UNKNOWN_MODEL'
  /** TensorFlow.js has no backend to hold the weights. */
  | 'NO_BACKEND'
  /** PyTorch's default initialisation is not defined here for a layer of the model. */
  | 'UNSUPPORTED_LAYER'
  /** A file of a saved model, or its folder, is not there. */
  | 'FILE_MISSING'
  /** A file of a saved model is not what was written: truncated, oversized, changed, or not a model at all. */
  | 'FILE_CORRUPT'
  /** The files agree with their checksum, but TensorFlow.js cannot build this model. */
  | 'MODEL_UNREADABLE'
  /** The system refused to write the files. */
  | 'SAVE_FAILED';

/** Every error that this package throws on purpose. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
