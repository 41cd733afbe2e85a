import { join } from 'node:path';
import { writeFileDurably } from '@mnist/kit/files';
import { asDatasetError } from './_download.js';
import { type Fetched, type FetchFileOptions, fetchInto } from './_fetch-into.js';
import { PartFile } from './_part-file.js';
import { md5OfFile, readZipEntries } from './_read-zip.js';
import { type VerifiedFile, verifyFile } from './_verify-file.js';
import { type CatalogueEntry, fileNameOf } from './catalogue.js';
import { DatasetError } from './dataset-error.js';

/** EMNIST's archive has 562 MB. */
const maxArchiveBytes = 700e6;

/** Downloads an archive once, and keeps those of its files in the cache that belong to the data set. */
export async function fetchArchive(
  options: FetchFileOptions & { archive: NonNullable<CatalogueEntry['archive']> },
): Promise<Fetched> {
  const { entry, file, cache, context, archive, warn, onProgress, signal } = options;
  const causes: Error[] = [];
  for (const url of context.mirrors ?? [archive.url]) {
    try {
      const transfer = { url, file: 'gzip.zip', maxBytes: maxArchiveBytes, context, onProgress, signal };
      return await fetchInto(transfer, join(cache, 'gzip.zip'), warn, async (part) => {
        const source = part instanceof PartFile ? part.path : part.bytes();
        // Other archives with the same files exist; each file is verified by itself as well.
        const found = await md5OfFile(source, signal);
        if (url === archive.url && found !== archive.md5) {
          throw new DatasetError(
            'WRONG_CHECKSUM',
            `${url}: MD5 of the archive is ${found}, expected ${archive.md5}. It is not the published archive; fetch it again later.`,
          );
        }
        const wanted = Object.values(entry.files).flatMap(({ images, labels }) => [images, labels]);
        const names = new Map(wanted.map((file) => [`${archive.folder}${fileNameOf(file)}`, file]));
        const contents = await readZipEntries(source, url, names);
        const verified = new Map<string, VerifiedFile>();
        for (const [name, published] of names) {
          const bytes = contents.get(name);
          if (!bytes) {
            throw new DatasetError(
              'WRONG_SHAPE',
              `${url}: the archive has no ${name}. It is not the published archive.`,
            );
          }
          const remedy = 'The archive is damaged; fetch it again.';
          verified.set(published.name, verifyFile(bytes, published, `${name} in ${url}`, remedy));
        }
        if (part instanceof PartFile) {
          for (const [name, published] of names)
            await writeFileDurably(join(cache, fileNameOf(published)), contents.get(name)!);
        }
        return { file: { ...verified.get(file.name)!, source: url } };
      });
    } catch (error) {
      signal?.throwIfAborted();
      causes.push(asDatasetError(error, url));
    }
  }
  return { causes };
}
