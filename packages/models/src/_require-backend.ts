import { backend } from '@tensorflow/tfjs-core';
import { ModelError } from './model-error.js';

/** TensorFlow.js keeps weights in a backend, even where another engine does the arithmetic. */
export function requireBackend(where: string): void {
  try {
    backend();
  } catch (cause) {
    throw new ModelError(
      'NO_BACKEND',
      `${where}: TensorFlow.js has no backend ready to hold the weights (${(cause as Error).message.trim()}). ` +
        "Import one first, import '@tensorflow/tfjs-backend-cpu' for example; await tf.ready() if it starts asynchronously.",
      { cause },
    );
  }
}
