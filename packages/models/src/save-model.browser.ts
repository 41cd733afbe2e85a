import { ModelError } from './model-error.js';
import type * as node from './save-model.js';

export const saveModel: typeof node.saveModel = async () => {
  throw new ModelError(
    'SAVE_FAILED',
    "saveModel writes into a folder, and a browser has none. Use the model's own save: await model.save('indexeddb://net') or 'downloads://net'.",
  );
};
