/** Exit codes of the program, for scripts that call it. */
export const exitCodes = {
  success: 0,
  /** Something broke that the user could not have known. */
  failure: 1,
  /** A wrong option, value or file: the message says what was expected. */
  badInput: 2,
  /** The data set could not be had. */
  noData: 3,
  /** Ctrl-C (128 + SIGINT); everything finished so far is saved. */
  interrupted: 130,
} as const;

/** An error that the user can mend: shown without a stack trace. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  override readonly name = 'UsageError';
}

/** Thrown to leave a command after Ctrl-C, once its state is on disk. */
export class InterruptedError extends Error {
  readonly code = 'INTERRUPTED';
  override readonly name = 'InterruptedError';
}
