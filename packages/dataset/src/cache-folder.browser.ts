import type * as node from './cache-folder.js';
import { DatasetError } from './dataset-error.js';

export const cacheFolder: typeof node.cacheFolder = () => {
  throw new DatasetError(
    'INVALID_OPTION',
    'cacheFolder: a browser has no folders; it keeps downloads in its own HTTP cache. Call it under Node.',
  );
};
