import { type ErrorKind, TypedError } from '@mnist/kit';
import { plainText } from './_plain-text.js';

/** Each code with who can mend it. `RECIPE_FAILED` and `NETS_FAILED` take the kind of what they report. */
const kinds = {
  /** An option is missing, unknown, of the wrong type or out of range. */
  INVALID_OPTION: 'input',
  /** The recipe module cannot be imported or does not export a recipe. */
  INVALID_RECIPE: 'input',
  /** The folder holds no population, or no readable manifest. */
  NOT_A_POPULATION: 'input',
  /** The folder was written by a version of the format that this package does not read. */
  UNSUPPORTED_FORMAT: 'data',
  /** The folder belongs to another config, seed or recipe. */
  POPULATION_MISMATCH: 'input',
  /** The population has no such net. */
  NET_MISSING: 'input',
  /** A file of a net is missing, truncated, changed, unreadable, a link, or belongs to another net. */
  NET_DAMAGED: 'data',
  /** Stored probabilities belong to other labels than the ones given. */
  LABELS_MISMATCH: 'input',
  /** The recipe returned something that cannot be stored. */
  INVALID_RESULT: 'internal',
  /** The recipe threw. */
  RECIPE_FAILED: 'internal',
  /** The process that trained a net ended without a word. */
  WORKER_CRASHED: 'environment',
  /** Some nets could not be trained; `failures` lists them. */
  NETS_FAILED: 'internal',
  /** The signal was aborted; everything finished so far is kept. */
  ABORTED: 'environment',
  /** Another process holds what was asked for. */
  CLAIM_HELD: 'environment',
  /** A disk is full, a folder cannot be written, too many files are open: no fault of a net. */
  STORAGE_FAILED: 'environment',
  /** Redis cannot be reached. */
  QUEUE_UNREACHABLE: 'environment',
  /** Redis refuses the user or the password (kind `input`: they stand in the URL), or a command. */
  QUEUE_REFUSED: 'environment',
  /** A net is larger than all the memory that Redis may use. */
  QUEUE_TOO_SMALL: 'environment',
  /** The queue is in use by a version of this package that speaks another protocol. */
  QUEUE_PROTOCOL_MISMATCH: 'environment',
  /** The queue is in use for another recipe, or another version of it. */
  RECIPE_MISMATCH: 'input',
  /** Data that came through the queue is incomplete, changed or makes no sense. */
  QUEUE_DATA_DAMAGED: 'data',
  /** Somebody took the population off the queue: `cancelPopulation` or `purgeQueue`. */
  CANCELLED: 'environment',
} as const satisfies Record<string, ErrorKind>;

/** What went wrong, for programs. The text of the error is for people: it names what was found and the remedy. */
export type PopulationErrorCode = keyof typeof kinds;

export function isPopulationErrorCode(code: unknown): code is PopulationErrorCode {
  return typeof code === 'string' && Object.hasOwn(kinds, code);
}

/** A net that was given up, with the error of its last attempt. */
export interface NetFailure {
  readonly index: number;
  /** Attempts made in the run that gave it up; 0 when the stored net is damaged. */
  readonly attempts: number;
  readonly error: PopulationError;
}

/** What an error carries beside its text; `cause` is what led to it. */
export interface PopulationErrorOptions extends ErrorOptions {
  readonly failures?: readonly NetFailure[];
  /** Where the code alone does not say it. */
  readonly kind?: PopulationError['kind'];
}

/** The only error that this package throws on purpose. Its text holds no control characters, whoever sent its parts. */
export class PopulationError extends TypedError<PopulationErrorCode> {
  override readonly name = 'PopulationError';
  /** Filled when `code` is `NETS_FAILED`, or when one net stopped the whole run. */
  readonly failures: readonly NetFailure[];

  constructor(code: PopulationErrorCode, message: string, options: PopulationErrorOptions = {}) {
    super(code, options.kind ?? kinds[code], plainText(message), options);
    this.failures = options.failures ?? [];
  }
}
