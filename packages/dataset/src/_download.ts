import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryName } from './_write-file.js';
import type { DatasetContext } from './dataset-context.js';
import { DatasetError } from './dataset-error.js';
import type { DownloadProgress } from './download-progress.js';

export interface DownloadOptions {
  readonly url: string;
  readonly file: string;
  /** Most bytes that the answer may have. */
  readonly maxBytes: number;
  /** Where the download will end up; the temporary file lies beside it. */
  readonly target: string;
  readonly context: DatasetContext;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Fetches one address into a temporary file. A broken transfer goes on where it stopped when the mirror can do that
 * (HTTP range requests), and from the start otherwise.
 *
 * @returns the temporary file's path; the caller moves or removes it
 * @throws DatasetError `network`, `http-status`, `wrong-size`
 */
export async function downloadToTemporary(options: DownloadOptions): Promise<string> {
  const { url, target, context, signal } = options;
  await mkdir(dirname(target), { recursive: true });
  const temporary = temporaryName(target);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await transfer(options, temporary, attempt);
        return temporary;
      } catch (error) {
        signal?.throwIfAborted();
        const failure = asDatasetError(error, url, context);
        if (!mayPass(failure) || attempt >= context.attempts) throw failure;
        await delay(context.retryDelay * 2 ** (attempt - 1), undefined, { signal });
      }
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
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

async function transfer(options: DownloadOptions, temporary: string, attempt: number): Promise<void> {
  const { url, file, maxBytes, context, onProgress, signal } = options;
  const handle = await open(temporary, 'a');
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), context.timeout);
  try {
    let received = (await handle.stat()).size;
    const response = await context.fetch(url, {
      redirect: 'follow',
      headers: received > 0 ? { range: `bytes=${received}-` } : {},
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new HttpStatus(response.status, response.statusText);
    }
    if (response.status !== 206 && received > 0) {
      await handle.truncate(0);
      received = 0;
    }
    const length = response.headers.get('content-length');
    // With content-encoding the length counts compressed bytes, which are not what arrives here.
    const totalBytes =
      length && !response.headers.get('content-encoding') ? received + Number(length) : undefined;
    if (totalBytes !== undefined && totalBytes > maxBytes) throw tooLong(url, totalBytes, maxBytes);
    onProgress?.({ file, url, receivedBytes: received, totalBytes, attempt });
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), context.timeout);
      received += chunk.length;
      if (received > maxBytes) throw tooLong(url, received, maxBytes);
      await handle.appendFile(chunk);
      onProgress?.({ file, url, receivedBytes: received, totalBytes, attempt });
    }
    if (totalBytes !== undefined && received < totalBytes)
      throw new Error(`broke off after ${received} of ${totalBytes} bytes`);
    await handle.sync();
  } catch (error) {
    if (silence.signal.aborted && !signal?.aborted)
      throw new Error(`no answer within ${context.timeout / 1000} s`);
    throw error;
  } finally {
    clearTimeout(timer);
    await handle.close();
  }
}

class HttpStatus extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`HTTP ${status}${text ? ` ${text}` : ''}`);
  }
}

function tooLong(url: string, found: number, maxBytes: number): DatasetError {
  return new DatasetError(
    'wrong-size',
    `${url}: ${found} bytes or more, expected at most ${maxBytes}. The address does not hold the published file; another mirror will be tried.`,
  );
}

/** Faults that a second attempt may cure. */
function mayPass(error: DatasetError): boolean {
  if (error.code === 'http-status') {
    const { status } = error.cause as HttpStatus;
    return status === 429 || status >= 500;
  }
  return error.code === 'network' && !/ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONNREFUSED/.test(error.message);
}

function asDatasetError(error: unknown, url: string, context: DatasetContext): DatasetError {
  if (error instanceof DatasetError) return error;
  if (error instanceof HttpStatus) {
    return new DatasetError(
      'http-status',
      `${url}: answered ${error.message}; expected 200. The mirror does not give the file out (any more).`,
      { cause: error },
    );
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code && /^(ENOSPC|EACCES|EROFS|EPERM|EDQUOT)$/.test(code)) {
    return new DatasetError(
      'file-access',
      `the download of ${url} cannot be written (${(error as Error).message}). Free some space or set XDG_CACHE_HOME to a folder that can be written.`,
      { cause: error },
    );
  }
  const inner = (error as Error).cause as NodeJS.ErrnoException | undefined;
  const detail = [(error as Error).message, inner?.code ?? inner?.message].filter(Boolean).join(': ');
  return new DatasetError(
    'network',
    `${url}: ${detail} (time-out ${context.timeout / 1000} s). Check the network, or put the files in a folder and name it.`,
    { cause: error },
  );
}
