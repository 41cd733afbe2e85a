import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { asDatasetError } from './_as-dataset-error.js';
import { downloadToTemporary } from './_download.js';
import type { Fetched, FetchFileOptions } from './_fetched.js';
import { type VerifiedFile, verifyFile } from './_verify-file.js';
import { writeFileAtomically } from './_write-file.js';
import { type CatalogueEntry, mostPackedBytes, type PublishedFile } from './catalogue.js';
import { DatasetError } from './dataset-error.js';

/** EMNIST's archive has 562 MB. */
const maxArchiveBytes = 700e6;

/** Downloads an archive once, and keeps those of its files in the cache that belong to the data set. */
export async function fetchArchive(
  options: FetchFileOptions & { archive: NonNullable<CatalogueEntry['archive']> },
): Promise<Fetched> {
  const { entry, file, cache, context, archive, onProgress, signal } = options;
  const causes: Error[] = [];
  for (const url of context.mirrors ?? [archive.url]) {
    let temporary: string | undefined;
    try {
      temporary = await downloadToTemporary({
        url,
        file: 'gzip.zip',
        maxBytes: maxArchiveBytes,
        target: join(cache, 'gzip.zip'),
        context,
        onProgress,
        signal,
      });
      // Other archives with the same files exist; each file is verified by itself as well.
      const found = await md5OfFile(temporary, signal);
      if (url === archive.url && found !== archive.md5) {
        throw new DatasetError(
          'WRONG_CHECKSUM',
          `${url}: MD5 of the archive is ${found}, expected ${archive.md5}. It is not the published archive; fetch it again later.`,
        );
      }
      const wanted = Object.values(entry.files).flatMap(({ images, labels }) => [images, labels]);
      const names = new Map(wanted.map((part) => [`${archive.folder}${part.name}.gz`, part]));
      const contents = await readEntries(temporary, url, names);
      const verified = new Map<string, VerifiedFile>();
      for (const [name, part] of names) {
        const bytes = contents.get(name);
        if (!bytes)
          throw new DatasetError(
            'WRONG_SHAPE',
            `${url}: the archive has no ${name}. It is not the published archive.`,
          );
        const remedy = 'The archive is damaged; fetch it again.';
        verified.set(part.name, verifyFile(bytes, part, `${name} in ${url}`, remedy));
      }
      for (const [name, part] of names)
        await writeFileAtomically(join(cache, `${part.name}.gz`), contents.get(name)!);
      return { file: { ...verified.get(file.name)!, source: url } };
    } catch (error) {
      signal?.throwIfAborted();
      causes.push(asDatasetError(error, url));
    } finally {
      if (temporary) await rm(temporary, { force: true });
    }
  }
  return { causes };
}

async function md5OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}

async function readEntries(
  path: string,
  url: string,
  wanted: ReadonlyMap<string, PublishedFile>,
): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  try {
    const zip = await yauzl.openPromise(path);
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
      `${url}: not a readable zip archive (${(error as Error).message}). Fetch it again later.`,
      { cause: error },
    );
  }
  return contents;
}
