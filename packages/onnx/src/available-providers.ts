import type { Runtime } from './import-onnx-runtime.js';
import { loadOnnxRuntime } from './onnx-runtime.js';
import { type Provider, providers } from './runtime/step-plan.js';

export interface AvailableProvider {
  readonly provider: Provider;
  /** False: ONNX Runtime was built for it, but needs libraries that the package does not contain (CUDA). */
  readonly bundled: boolean;
}

/**
 * The execution providers that the installed onnxruntime-node was built with. Being listed does not promise that the
 * machine has the hardware.
 * @throws EngineError ENGINE_UNAVAILABLE
 */
export async function availableProviders(): Promise<AvailableProvider[]> {
  return listProviders(await loadOnnxRuntime());
}

export function listProviders(runtime: Runtime): AvailableProvider[] {
  const built = new Map(runtime.listSupportedBackends().map(({ name, bundled }) => [name, bundled]));
  return providers
    .filter((provider) => built.has(provider))
    .map((provider) => ({
      provider,
      bundled: built.get(provider)!,
    }));
}
