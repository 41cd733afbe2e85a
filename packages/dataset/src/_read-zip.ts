import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { mostPackedBytes, type PublishedFile } from './catalogue.js';
import { DatasetError } from './dataset-error.js';

/** Of a file by its path, without the whole of it in memory, or of bytes. */
export async function md5OfFile(source: string | Uint8Array, signal?: AbortSignal): Promise<string> {
  const hash = createHash('md5');
  if (typeof source === 'string') await pipeline(createReadStream(source), hash, { signal });
  else hash.update(source);
  return hash.digest('hex');
}

/**
 * Reads those entries of a zip archive that are wanted, each bounded by the size of the published file.
 *
 * @param where the archive's path or address, for errors
 * @throws DatasetError `NOT_A_FILE`
 */
export async function readZipEntries(
  source: string | Uint8Array,
  where: string,
  wanted: ReadonlyMap<string, PublishedFile>,
): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  try {
    const { default: yauzl } = await import('yauzl');
    const zip =
      typeof source === 'string'
        ? await yauzl.openPromise(source)
        : await yauzl.fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.length));
    try {
      for await (const entry of zip.eachEntry()) {
        const part = wanted.get(entry.fileName);
        if (!part) continue;
        if (entry.uncompressedSize > mostPackedBytes(part)) {
          throw new Error(
            `${entry.fileName} has ${entry.uncompressedSize} bytes, expected at most ${mostPackedBytes(part)}`,
          );
        }
        contents.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    throw new DatasetError(
      'NOT_A_FILE',
      `${where}: not a readable zip archive (${(error as Error).message}). Fetch it again later.`,
      { cause: error },
    );
  }
  return contents;
}
