import { type ErrorKind, TypedError } from '@mnist/kit';

const kinds = {
  INVALID_OPTION: 'input',
  /** A label outside the classes of the net, in data to measure on. */
  INVALID_BATCH: 'input',
  ALREADY_RUNNING: 'input',
  /** A callback threw something of its own; the cause has it. */
  CALLBACK_FAILED: 'internal',
  /** The loss, or the weights, are no numbers any more. */
  DIVERGED: 'data',
  CHECKPOINT_CORRUPT: 'data',
  /** The checkpoint belongs to another training. */
  CHECKPOINT_MISMATCH: 'input',
  /** A checkpoint's file cannot be read or written. */
  CHECKPOINT_UNAVAILABLE: 'environment',
} as const satisfies Record<string, ErrorKind>;

/** Stable reasons; the text of the error names the value found, what was expected and the remedy. */
export type TrainErrorCode = keyof typeof kinds;

/** Every error that `@mnist/train` raises on purpose. Errors of an engine pass through as EngineErrors. */
export class TrainError extends TypedError<TrainErrorCode> {
  override readonly name = 'TrainError';

  constructor(code: TrainErrorCode, message: string, options?: ErrorOptions) {
    super(code, kinds[code], message, options);
  }
}
