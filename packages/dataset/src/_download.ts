import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asDatasetError } from './_as-dataset-error.js';
import { HttpStatus, type TransferOptions, transfer } from './_transfer.js';
import { temporaryName } from './_write-file.js';
import type { DatasetError } from './dataset-error.js';

export interface DownloadOptions extends TransferOptions {
  /** Where the download will end up; the temporary file lies beside it. */
  readonly target: string;
}

/**
 * Fetches one address into a temporary file. A broken transfer goes on where it stopped when the mirror can do that
 * (HTTP range requests), and from the start otherwise.
 *
 * @returns the temporary file's path; the caller moves or removes it
 * @throws DatasetError `NETWORK`, `HTTP_STATUS`, `WRONG_SIZE`, `FILE_ACCESS`; the signal's reason when that is aborted
 */
export async function downloadToTemporary(options: DownloadOptions): Promise<string> {
  const { url, target, context, signal } = options;
  const temporary = temporaryName(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    const handle = await open(temporary, 'ax');
    try {
      const part = { handle, receivedBytes: 0, entityTag: undefined };
      for (let attempt = 1; ; attempt++) {
        try {
          await transfer(options, part, attempt);
          await handle.sync();
          return temporary;
        } catch (error) {
          signal?.throwIfAborted();
          const failure = asDatasetError(error, url);
          if (!mayPass(failure) || attempt >= context.attempts) throw failure;
          await delay(context.retryDelay * 2 ** (attempt - 1), undefined, { signal });
        }
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Where the folder could not be made there is nothing to remove, and this must not hide why.
    await rm(temporary, { force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    throw asDatasetError(error, url);
  }
}

/** The same, into memory. */
export async function downloadBytes(options: DownloadOptions): Promise<Uint8Array> {
  const temporary = await downloadToTemporary(options);
  try {
    return await readFile(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Faults that a second attempt may cure. */
function mayPass(error: DatasetError): boolean {
  if (error.cause instanceof HttpStatus) return error.cause.status === 429 || error.cause.status >= 500;
  return error.code === 'NETWORK' && !/ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONNREFUSED/.test(error.message);
}
