import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { ready, setBackend } from '@tensorflow/tfjs-core';

/** Where the nets can run: names as TensorFlow.js has them, and as people do. */
export const backends = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'CPU (WebAssembly)',
  cpu: 'CPU (JavaScript)',
} as const;
export type BackendName = keyof typeof backends;

const load: Record<BackendName, () => Promise<unknown>> = {
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  wasm: async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths({
      'tfjs-backend-wasm.wasm': wasm,
      'tfjs-backend-wasm-simd.wasm': wasmSimd,
      'tfjs-backend-wasm-threaded-simd.wasm': wasmThreads,
    });
  },
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
};

/** For nets this small the processor answers sooner than a GPU that must first be fed: it comes first. */
export async function startBackend(wanted?: string | null): Promise<BackendName> {
  const order: BackendName[] = ['wasm', 'webgl', 'webgpu', 'cpu'];
  const tried = wanted && wanted in backends ? [wanted as BackendName, ...order] : order;
  for (const name of tried) {
    try {
      await load[name]();
      if (await setBackend(name)) {
        await ready();
        return name;
      }
    } catch {
      // The next one may work; the page shows which it became.
    }
  }
  throw new Error(`No TensorFlow.js backend starts in this browser: tried ${tried.join(', ')}.`);
}
