import { type ErrorKind, optionChecks, TypedError } from '@mnist/kit';

const kinds = {
  /** An option is unknown, of the wrong type or out of range. */
  INVALID_OPTION: 'input',
  /** The images are too small for the net. */
  INVALID_INPUT_SHAPE: 'input',
  /** The zoo has no net of that name. */
  UNKNOWN_MODEL: 'input',
  /** TensorFlow.js has no backend to hold the weights. */
  NO_BACKEND: 'environment',
  /** PyTorch's default initialisation is not defined here for a layer of the model. */
  UNSUPPORTED_LAYER: 'input',
  /** A file of a saved model, or its folder, is not there. */
  FILE_MISSING: 'input',
  /** A file of a saved model is not what was written: truncated, oversized, changed, or not a model at all. */
  FILE_CORRUPT: 'data',
  /** The files agree with their checksum, but TensorFlow.js cannot build this model. */
  MODEL_UNREADABLE: 'data',
  /** The system refused to write the files. */
  SAVE_FAILED: 'environment',
} as const satisfies Record<string, ErrorKind>;

/** What went wrong, for programs. The text of the error is for people: it names what was found and the remedy. */
export type ModelErrorCode = keyof typeof kinds;

/** Every error that this package throws on purpose. */
export class ModelError extends TypedError<ModelErrorCode> {
  override readonly name = 'ModelError';

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(code, kinds[code], message, options);
  }
}

/** Option checks: what fails is a ModelError `INVALID_OPTION`. */
export const check = optionChecks((message) => new ModelError('INVALID_OPTION', message));
