import { asDatasetError, download } from './_download.js';
import { toDataset } from './_to-dataset.js';
import { PartInMemory } from './_transfer.js';
import { type LocatedFile, verifyFile } from './_verify-file.js';
import { fileNameOf, mostPackedBytes, type PublishedFile } from './catalogue.js';
import { DatasetError } from './dataset-error.js';
import type * as node from './load-dataset.js';
import { completeLoading } from './load-dataset-options.js';

/**
 * In a browser: `dataDir` is the address of a folder of a server, the page's own for instance ('/data/mnist'); without
 * it, the mirrors are asked, most of which do not allow other pages to read from them. The browser's HTTP cache keeps
 * what was fetched.
 */
export const loadDataset: typeof node.loadDataset = async (name, options) => {
  const { split, context } = completeLoading(name, options, {
    env: {},
    home: '',
    platform: 'browser',
    fetch: (...request) => globalThis.fetch(...request),
  });
  const { dataDir, onProgress, signal } = options;
  const entry = context.catalogue[name];
  const folders = dataDir === undefined ? (context.mirrors ?? entry.mirrors) : [dataDir];

  const find = async (file: PublishedFile): Promise<LocatedFile> => {
    const causes: Error[] = [];
    const names = dataDir === undefined ? [fileNameOf(file)] : [fileNameOf(file), file.name];
    for (const url of folders.flatMap((folder) =>
      names.map((name) => `${folder.replace(/\/?$/, '/')}${name}`),
    )) {
      try {
        const part = new PartInMemory();
        const maxBytes = mostPackedBytes(file);
        await download({ url, file: file.name, maxBytes, context, onProgress, signal }, part);
        return { ...verifyFile(part.bytes(), file, url, 'Put the published file there.'), source: url };
      } catch (error) {
        signal?.throwIfAborted();
        causes.push(asDatasetError(error, url));
      }
    }
    const list = causes.map(({ message }) => `  - ${message}`).join('\n');
    throw new DatasetError(
      'DATASET_UNAVAILABLE',
      `${entry.title}: ${file.name} is nowhere to be had. Looked in:\n${list}\n` +
        'Put the files beside the page and name their address: dataDir.',
      { causes },
    );
  };
  const { images, labels } = entry.files[split];
  return toDataset(name, entry, split, await find(images), await find(labels));
};
