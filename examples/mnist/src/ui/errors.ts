import { type ErrorKind, errorKind, TypedError } from '@mnist/kit';

/** Exit codes of the program, for scripts that call it. They follow from the kind of an error. */
export const exitCodes = {
  success: 0,
  /** A promise of this program is broken: the stack says where. */
  internal: 1,
  /** A wrong option, value or file name: the message says what was expected. */
  input: 2,
  /** What the machine lacks: the data set, a driver, room on the disk, a queue that answers. */
  environment: 3,
  /** A file, checkpoint or population that is damaged, or weights that diverged. */
  data: 4,
  /** Ctrl-C (128 + SIGINT); everything finished so far is saved. */
  interrupted: 130,
} as const;

/** A mistake in the command: shown without a stack. */
export class UsageError extends TypedError<'USAGE'> {
  override readonly name = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super('USAGE', 'input', message, options);
  }
}

/** A file of ours that is damaged. */
export class DamagedFileError extends TypedError<'DAMAGED_FILE'> {
  override readonly name = 'DamagedFileError';

  constructor(message: string, options?: ErrorOptions) {
    super('DAMAGED_FILE', 'data', message, options);
  }
}

/** A file that has the name of one of ours, and another program wrote it. */
export class ForeignFileError extends TypedError<'FOREIGN_FILE'> {
  override readonly name = 'ForeignFileError';

  constructor(message: string) {
    super('FOREIGN_FILE', 'data', message);
  }
}

/** A training that ran away: the loss or the weights are no numbers any more. */
export class DivergedError extends TypedError<'DIVERGED'> {
  override readonly name = 'DivergedError';

  constructor(message: string) {
    super('DIVERGED', 'data', message);
  }
}

/** Thrown to leave a command after Ctrl-C, once its state is on disk. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Errors of the file system: of a name that the user gave, or of the machine. */
const systemKinds: Readonly<Record<string, ErrorKind>> = {
  ENOENT: 'input',
  ENOTDIR: 'input',
  EISDIR: 'input',
  EEXIST: 'input',
  ENOTEMPTY: 'input',
  EACCES: 'environment',
  EPERM: 'environment',
  ENOSPC: 'environment',
  EDQUOT: 'environment',
  EROFS: 'environment',
  EIO: 'environment',
  EMFILE: 'environment',
};

/** The kind of an error, or of the file system's error behind it: a name that does not exist is the user's. */
export function kindOf(error: unknown): ErrorKind {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  for (const name of [code, cause?.code]) {
    if (typeof name === 'string' && systemKinds[name]) return systemKinds[name];
  }
  return errorKind(error);
}

/** What to print of an error, and with which code the program ends. */
export function describeError(error: unknown): { readonly text: string; readonly exitCode: number } {
  const { name, message, stack, code } = (error ?? {}) as Partial<Error> & { code?: unknown };
  if (name === 'AbortError' || name === 'InterruptedError') {
    return { text: message ?? 'Stopped.', exitCode: exitCodes.interrupted };
  }
  const kind = kindOf(error);
  if (kind === 'internal') return { text: `error: ${stack ?? String(error)}`, exitCode: exitCodes.internal };
  const hint =
    code === 'DATASET_UNAVAILABLE'
      ? '\nOr add --synthetic to try everything on drawn digits; a data set of your own goes with --dataset own --data-dir <place>.'
      : '';
  return { text: `error: ${message}${hint}`, exitCode: exitCodes[kind] };
}
