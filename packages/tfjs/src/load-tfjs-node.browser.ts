import { EngineError } from '@mnist/engine';
import type * as node from './load-tfjs-node.js';

export const loadTfjsNode: typeof node.loadTfjsNode = async () => {
  throw new EngineError(
    'ENGINE_UNAVAILABLE',
    "loadTfjsNode: a browser cannot load TensorFlow's native bindings. Import a backend for browsers, such as @tensorflow/tfjs-backend-webgl.",
  );
};
