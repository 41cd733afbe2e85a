import { type ErrorKind, optionChecks, TypedError } from '@mnist/kit';

const kinds = {
  /** An option of an engine or of `open` is unknown, of the wrong type or out of range. */
  INVALID_OPTION: 'input',
  /** Images, labels or targets of the wrong shape, type or value. */
  INVALID_BATCH: 'input',
  /** A learning rate, momentum or weight decay out of range. */
  INVALID_HYPERPARAMETER: 'input',
  /** A training state that belongs to another net or optimiser, or is damaged. */
  STATE_MISMATCH: 'data',
  /** The model as a whole cannot be trained. */
  UNSUPPORTED_MODEL: 'input',
  /** A layer, or an option of it, that this engine cannot train; another engine may. */
  UNSUPPORTED_LAYER: 'input',
  /** `StepGroup.keep` without a group just before it. */
  NOTHING_TO_TAKE_BACK: 'input',
  /** The session was disposed of, or its signal was aborted. */
  SESSION_CLOSED: 'input',
  /** The computation itself failed; the session is of no more use. */
  SESSION_FAILED: 'internal',
  /** What the engine needs (a library, a device, a backend) is not on this machine. */
  ENGINE_UNAVAILABLE: 'environment',
} as const satisfies Record<string, ErrorKind>;

/** Stable codes, the same in every engine. */
export type EngineErrorCode = keyof typeof kinds;

/** Every error of an engine. The message names the value found, what was expected and the remedy. */
export class EngineError extends TypedError<EngineErrorCode> {
  override readonly name = 'EngineError';

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(code, kinds[code], message, options);
  }
}

/** Option checks for engines: what fails is an EngineError `INVALID_OPTION`. */
export const engineOptions = optionChecks((message) => new EngineError('INVALID_OPTION', message));
