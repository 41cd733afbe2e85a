import type { DatasetContext } from './dataset-context.js';
import { DatasetError } from './dataset-error.js';
import type { DownloadProgress } from './load-dataset-options.js';

export interface TransferOptions {
  readonly url: string;
  readonly file: string;
  /** Most bytes that the answer may have. */
  readonly maxBytes: number;
  readonly context: DatasetContext;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** Where a download goes, and what earlier attempts have left there. */
export interface PartialFile {
  readonly receivedBytes: number;
  /** Tells whether the mirror still has the same content. */
  entityTag: string | undefined;
  append(chunk: Uint8Array): Promise<void>;
  clear(): Promise<void>;
}

/** A download that is kept in memory. */
export class PartInMemory implements PartialFile {
  receivedBytes = 0;
  entityTag: string | undefined;
  private chunks: Uint8Array[] = [];

  async append(chunk: Uint8Array): Promise<void> {
    this.chunks.push(chunk);
    this.receivedBytes += chunk.length;
  }

  async clear(): Promise<void> {
    this.chunks = [];
    this.receivedBytes = 0;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.receivedBytes);
    let at = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}

/** An answer that is not 2xx. */
export class HttpStatus extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`HTTP ${status}${text ? ` ${text}` : ''}`);
  }
}

/** One attempt: goes on from what there is, or from the start. Stops when the mirror is silent for `timeout`. */
export async function transfer(options: TransferOptions, part: PartialFile, attempt: number): Promise<void> {
  const { url, file, maxBytes, context, onProgress, signal } = options;
  const stop = new AbortController();
  let silent = false;
  const onSilence = () => {
    silent = true;
    stop.abort();
  };
  let timer = setTimeout(onSilence, context.timeout);
  try {
    const response = await context.fetch(url, {
      redirect: 'follow',
      headers: requestHeaders(part),
      signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    });
    if (!response.ok) {
      // 416: what we have is no beginning of what the mirror has now.
      if (response.status === 416) await startOver(part);
      throw response.status === 416
        ? new Error('the file changed during the download')
        : new HttpStatus(response.status, response.statusText);
    }
    if (part.receivedBytes > 0) await checkContinuation(response, part);
    const encoded = response.headers.get('content-encoding') !== null;
    const length = response.headers.get('content-length');
    // With content-encoding the length counts compressed bytes, which are not what arrives here.
    const totalBytes = length && !encoded ? part.receivedBytes + Number(length) : undefined;
    if (totalBytes !== undefined && totalBytes > maxBytes) throw tooLong(url, totalBytes, maxBytes);
    part.entityTag = response.headers.get('etag') ?? undefined;
    const report = () => onProgress?.({ file, url, receivedBytes: part.receivedBytes, totalBytes, attempt });
    report();
    try {
      for await (const chunk of chunksOf(response)) {
        clearTimeout(timer);
        timer = setTimeout(onSilence, context.timeout);
        if (part.receivedBytes + chunk.length > maxBytes)
          throw tooLong(url, part.receivedBytes + chunk.length, maxBytes);
        await part.append(chunk);
        report();
      }
    } catch (error) {
      if (encoded) await startOver(part);
      throw error;
    }
    if (totalBytes !== undefined && part.receivedBytes < totalBytes)
      throw new Error(`broke off after ${part.receivedBytes} of ${totalBytes} bytes`);
  } catch (error) {
    if (silent && !signal?.aborted) {
      throw new Error(`no answer within ${context.timeout / 1000} s, ${part.receivedBytes} bytes so far`);
    }
    throw error;
  } finally {
    clearTimeout(timer);
    // Frees the connection when the answer was not read to its end.
    stop.abort();
  }
}

/** By hand: not every browser can loop over a stream. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done) return;
    yield value!;
  }
}

function requestHeaders({ receivedBytes, entityTag }: PartialFile): Record<string, string> {
  // The published files are gzip files: bytes as they are, not packed once more for the way.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (receivedBytes === 0) return headers;
  headers.range = `bytes=${receivedBytes}-`;
  if (entityTag?.startsWith('"')) headers['if-range'] = entityTag;
  return headers;
}

/** Whether the answer goes on where we stopped. A mirror without ranges sends everything again, which is fine. */
async function checkContinuation(response: Response, part: PartialFile): Promise<void> {
  const range = response.headers.get('content-range');
  const wanted = part.receivedBytes;
  if (response.status === 206 && range?.startsWith(`bytes ${wanted}-`)) return;
  await startOver(part);
  if (response.status === 206) throw new Error(`asked for the bytes from ${wanted} on, got '${range}'`);
}

async function startOver(part: PartialFile): Promise<void> {
  await part.clear();
  part.entityTag = undefined;
}

function tooLong(url: string, found: number, maxBytes: number): DatasetError {
  return new DatasetError(
    'WRONG_SIZE',
    `${url}: ${found} bytes or more, expected at most ${maxBytes}. The address does not hold the published file. Check whether a proxy answers for it, or fetch the file by hand.`,
  );
}
