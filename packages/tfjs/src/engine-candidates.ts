import type { EngineCandidate } from '@mnist/engine';
import * as tf from '@tensorflow/tfjs-core';
import { loadTfjsNode } from './load-tfjs-node.js';
import { tfjsEngine } from './tfjs-engine.js';

/** For `bestEngine`: TensorFlow's CUDA build, then its processor build. The JavaScript backend is too slow to be offered. */
export function engineCandidates(): readonly EngineCandidate[] {
  return [candidate('tfjs:tensorflow-gpu', 'gpu'), candidate('tfjs:tensorflow', 'cpu')];
}

function candidate(name: string, device: 'cpu' | 'gpu'): EngineCandidate {
  return {
    name,
    device,
    async probe() {
      try {
        const loaded = await loadTfjsNode({ build: device });
        // The CUDA build falls back to the processor with a warning only: a processor is never called CUDA.
        const onGpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
        if (device === 'gpu' && !onGpu) {
          return {
            ready: false,
            reason: `${loaded} loaded, but TensorFlow found no GPU that it can use and would compute on the processor`,
          };
        }
        return { ready: true, engine: tfjsEngine({ backend: 'tensorflow' }), detail: loaded };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        // What follows tells what to install: that is the remedy.
        return {
          ready: false,
          reason: message.split('. Install one: ')[0]!,
          remedy: remedyFor(message, device),
        };
      }
    },
  };
}

function remedyFor(message: string, device: 'cpu' | 'gpu'): string | undefined {
  const name = device === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  if (/Cannot find (package|module) '@tensorflow\/tfjs-node/.test(message))
    return `npm install ${name}@4.22.0`;
  // Its install script was blocked, or its download failed.
  if (/native addon module|libtensorflow/i.test(message)) return `npm rebuild ${name}`;
  return undefined;
}
