import { loadOnnxRuntime, type Runtime } from './onnx-runtime.js';
import type { Provider } from './runtime/step-plan.js';

const PROVIDERS: readonly Provider[] = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'];

export interface AvailableProvider {
  readonly provider: Provider;
  /** False: ONNX Runtime was built for it, but needs libraries that the package does not contain (CUDA). */
  readonly bundled: boolean;
}

/**
 * The execution providers that the installed onnxruntime-node was built with. Being listed does not promise that the
 * machine has the hardware.
 * @throws OnnxEngineError ONNX_RUNTIME_UNAVAILABLE
 */
export async function availableProviders(): Promise<AvailableProvider[]> {
  return listProviders(await loadOnnxRuntime());
}

export function listProviders(runtime: Runtime): AvailableProvider[] {
  const built = new Map(runtime.listSupportedBackends().map(({ name, bundled }) => [name, bundled]));
  return PROVIDERS.filter((provider) => built.has(provider)).map((provider) => ({
    provider,
    bundled: built.get(provider)!,
  }));
}
