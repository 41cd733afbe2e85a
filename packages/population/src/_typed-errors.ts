import { PopulationError } from './population-error.js';

/** What the machine, not a net, is to blame for. The remedy completes 'Then call again: ...'. */
const STORAGE_REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room on it',
  EDQUOT: 'The quota of this user is used up: make room',
  EFBIG: 'The file is larger than this user or this file system may have: raise the limit',
  EROFS: 'The file system is read-only: give a folder that can be written',
  EACCES: 'This user has no right to it: give a folder of your own, or change its rights',
  EPERM: 'This user has no right to it: give a folder of your own, or change its rights',
  EMFILE: 'This process has too many files open: raise its limit (ulimit -n), or use fewer workers',
  ENFILE: 'The machine has too many files open: end other programs',
  EIO: 'The disk does not answer as it should: check it',
  ENOMEM: 'The machine is out of memory: use fewer workers',
  ENODEV: 'The device is gone: check that it is mounted',
  ESTALE: 'The network share was mounted anew: check it',
  EXDEV: 'The folders of a population must lie on one disk: do not mount or link one of them elsewhere',
  ENOTDIR: 'A file stands where a folder is expected: move it away',
  EISDIR: 'A folder stands where a file is expected: move it away',
  ELOOP: 'Symbolic links lead round in a circle: remove them',
  ENAMETOOLONG: 'The path is too long: give a folder nearer to the root',
};

/** Whether a file system refused, for a reason that has nothing to do with the net at hand. */
export function isStorageError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof syscall === 'string' && typeof code === 'string' && Object.hasOwn(STORAGE_REMEDIES, code);
}

/** Whether the machine lacks what any read needs. Other errors of a read concern the file that is read. */
export function isShortage(error: unknown): boolean {
  return isStorageError(error) && ['EMFILE', 'ENFILE', 'ENOMEM'].includes(error.code ?? '');
}

/** The error itself, or the first among its causes, that a file system raised. */
export function storageCause(error: unknown): NodeJS.ErrnoException | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    if (isStorageError(current)) return current;
    current = current.cause;
  }
  return undefined;
}

export function storageError(error: NodeJS.ErrnoException): PopulationError {
  const remedy = STORAGE_REMEDIES[error.code ?? ''] ?? 'Check the path and its rights';
  return new PopulationError(
    'STORAGE_FAILED',
    `${error.message}. ${remedy}. Then call again: nothing is lost.`,
    {
      cause: error,
    },
  );
}

/** Wraps what a caller's listener threw, so that it comes out as it was. */
export class ThrownByListener extends Error {
  constructor(readonly thrown: unknown) {
    super('a listener threw');
  }
}

/** Runs a public function so that errors of the file system leave it as PopulationErrors. */
export async function typed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ThrownByListener) throw error.thrown;
    if (error instanceof PopulationError || typeof (error as NodeJS.ErrnoException)?.syscall !== 'string')
      throw error;
    throw storageError(error as NodeJS.ErrnoException);
  }
}
