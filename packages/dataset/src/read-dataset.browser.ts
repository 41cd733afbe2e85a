import { DatasetError } from './dataset-error.js';
import type * as node from './read-dataset.js';

export const readDataset: typeof node.readDataset = async () => {
  throw new DatasetError(
    'INVALID_OPTION',
    'readDataset: a browser has no folders. Fetch the files and give their bytes to parseIdx.',
  );
};
