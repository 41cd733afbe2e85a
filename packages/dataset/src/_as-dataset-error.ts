import { HttpStatus } from './_transfer.js';
import { DatasetError } from './dataset-error.js';

/** Anything that a download can throw, as a typed error with a remedy. */
export function asDatasetError(error: unknown, url: string): DatasetError {
  if (error instanceof DatasetError) return error;
  if (error instanceof HttpStatus) {
    return new DatasetError(
      'HTTP_STATUS',
      `${url}: answered ${error.message}, expected 200. Try again later, or put the files in a folder and name it.`,
      { cause: error },
    );
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code && /^(open|mkdir|write|fsync|ftruncate|rename|unlink|close)$/.test(syscall ?? '')) {
    return new DatasetError(
      'FILE_ACCESS',
      `${url}: the download cannot be kept (${(error as Error).message}). Free some space, or set XDG_CACHE_HOME to a folder that can be written.`,
      { cause: error },
    );
  }
  const inner = (error as Error).cause as NodeJS.ErrnoException | undefined;
  const detail = [(error as Error).message, inner?.code ?? inner?.message].filter(Boolean).join(': ');
  return new DatasetError(
    'NETWORK',
    `${url}: ${detail}; expected the whole file. Check the network, or put the files in a folder and name it.`,
    { cause: error },
  );
}
