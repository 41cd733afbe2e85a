/// <reference lib="dom" />
import type * as node from './_start-worker.js';
import { AugmentError } from './augment-error.js';

export const requireSharedMemory: typeof node.requireSharedMemory = () => {
  if (!globalThis.crossOriginIsolated) {
    throw new AugmentError(
      'WORKERS_UNAVAILABLE',
      'parallelLoader: this page is not cross-origin isolated, so workers cannot share memory with it. Serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or set workers: 0.',
    );
  }
};

export const startWorker: typeof node.startWorker = (name, task, { onMessage, onEnd }) => {
  const worker = new Worker(new URL('./loader-worker.browser.js', import.meta.url), { type: 'module', name });
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = ({ message }) =>
    onEnd(`stopped with ${message ?? 'an error: its file could not be loaded'}`);
  worker.postMessage(task);
  return { ref() {}, unref() {}, terminate: async () => worker.terminate() };
};
