import '@tensorflow/tfjs-backend-cpu';
import * as onnx from '@mnist/onnx';
import * as tf from '@tensorflow/tfjs-core';
import { engineSources } from '../dist/machine/engines.js';

tf.enableProdMode();
const candidates = [];
for (const load of engineSources) candidates.push(...(await load()).engineCandidates());

/**
 * Every engine on a GPU: ready, or the reason. Where `software` asks for it, WebGPU counts also without a GPU, on whatever
 * Vulkan device there is.
 */
export async function gpuPaths(software) {
  const ready = [];
  const missing = [];
  for (const { name, device, probe } of candidates) {
    if (device !== 'gpu') continue;
    const found = await probe();
    if (found.ready) ready.push({ name, software: false, detail: found.detail ?? '' });
    else if (software && name === 'onnx:webgpu') {
      await onnx
        .onnxEngine({ provider: 'webgpu' })
        .lowering()
        .then(
          ({ reason }) => ready.push({ name, software: true, detail: reason }),
          (error) => missing.push({ name, reason: error.message }),
        );
    } else missing.push({ name, reason: found.reason, remedy: found.remedy });
  }
  return { ready, missing };
}

/** @throws where it is not ready */
export async function engineOf(name, software) {
  if (software) return onnx.onnxEngine({ provider: 'webgpu' });
  const found = await candidates.find((candidate) => candidate.name === name).probe();
  if (!found.ready) throw new Error(found.reason);
  return found.engine;
}
