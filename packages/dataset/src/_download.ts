import { retry } from '@mnist/kit';
import { HttpStatus, type PartialFile, type TransferOptions, transfer } from './_transfer.js';
import { DatasetError } from './dataset-error.js';

/**
 * Fetches one address into `part`. A broken transfer goes on where it stopped when the mirror can do that (HTTP range
 * requests), and from the start otherwise.
 *
 * @throws DatasetError `NETWORK`, `HTTP_STATUS`, `WRONG_SIZE`, `FILE_ACCESS`; the signal's reason when that is aborted
 */
export async function download(options: TransferOptions, part: PartialFile): Promise<void> {
  const { url, context, signal } = options;
  await retry(
    async (attempt) => {
      try {
        await transfer(options, part, attempt);
      } catch (error) {
        signal?.throwIfAborted();
        throw asDatasetError(error, url);
      }
    },
    { attempts: context.attempts, firstDelayMs: context.retryDelay, mayPass, signal },
  );
}

/** Faults that a second attempt may cure. */
function mayPass(error: unknown): boolean {
  const { code, cause, message } = error as DatasetError;
  if (cause instanceof HttpStatus) return cause.status === 429 || cause.status >= 500;
  return code === 'NETWORK' && !/ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONNREFUSED/.test(message);
}

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
  const { message, code, syscall, cause } = error as Error & { code?: string; syscall?: string };
  if (code && /^(open|mkdir|write|fsync|ftruncate|rename|unlink|close)$/.test(syscall ?? '')) {
    return new DatasetError(
      'FILE_ACCESS',
      `${url}: the download cannot be kept (${message}). Free some space, or set XDG_CACHE_HOME to a folder that can be written.`,
      { cause: error },
    );
  }
  const inner = cause as { code?: string; message?: string } | undefined;
  const detail = [message, inner?.code ?? inner?.message].filter(Boolean).join(': ');
  return new DatasetError(
    'NETWORK',
    `${url}: ${detail}; expected the whole file. Check the network, or put the files in a folder and name it.`,
    { cause: error },
  );
}
