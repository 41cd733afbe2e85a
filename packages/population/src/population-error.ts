/** What went wrong, for programs. The text of the error is for people: it names what was found and the remedy. */
export type PopulationErrorCode =
  /** An option is missing, unknown, of the wrong type or out of range. */
  | 'INVALID_OPTION'
  /** The recipe module cannot be imported or does not export a recipe. */
  | 'INVALID_RECIPE'
  /** The folder holds no population, or no readable manifest. */
  | 'NOT_A_POPULATION'
  /** The folder was written by a version of the format that this package does not read. */
  | 'UNSUPPORTED_FORMAT'
  /** The folder belongs to another config, seed or recipe. */
  | 'POPULATION_MISMATCH'
  /** The population has no such net. */
  | 'NET_MISSING'
  /** A file of a net is missing, truncated, changed or unreadable. */
  | 'NET_DAMAGED'
  /** Stored probabilities belong to other labels than the ones given. */
  | 'LABELS_MISMATCH'
  /** The recipe returned something that cannot be stored. */
  | 'INVALID_RESULT'
  /** The recipe threw. */
  | 'RECIPE_FAILED'
  /** The process that trained a net ended without a word. */
  | 'WORKER_CRASHED'
  /** Some nets could not be trained; `failures` lists them. */
  | 'NETS_FAILED'
  /** The signal was aborted; everything finished so far is kept. */
  | 'ABORTED'
  /** Another process holds what was asked for. */
  | 'CLAIM_HELD'
  /** Redis cannot be reached. */
  | 'QUEUE_UNREACHABLE'
  /** Redis refuses the user, the password or a command. */
  | 'QUEUE_REFUSED'
  /** The queue is in use by a version of this package that speaks another protocol. */
  | 'QUEUE_PROTOCOL_MISMATCH'
  /** A job on the queue wants another recipe, or another version of it. */
  | 'RECIPE_MISMATCH'
  /** Data that came through the queue is incomplete or changed. */
  | 'QUEUE_DATA_DAMAGED';

/** A net that was given up, with the error of its last attempt. */
export interface NetFailure {
  readonly index: number;
  /** Attempts made in the run that gave it up; 0 when the stored net is damaged. */
  readonly attempts: number;
  readonly error: PopulationError;
}

export interface PopulationErrorOptions extends ErrorOptions {
  readonly failures?: readonly NetFailure[];
}

/** The only error that this package throws on purpose. */
export class PopulationError extends Error {
  override readonly name = 'PopulationError';
  readonly code: PopulationErrorCode;
  /** Filled when `code` is `NETS_FAILED`. */
  readonly failures: readonly NetFailure[];

  constructor(code: PopulationErrorCode, message: string, options: PopulationErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.failures = options.failures ?? [];
  }
}
