import { EngineError } from '@mnist/engine';
import { importOnnxRuntime, type Runtime } from './import-onnx-runtime.js';

/**
 * onnxruntime-node, a native library and an optional dependency.
 * @throws EngineError ENGINE_UNAVAILABLE
 */
export async function loadOnnxRuntime(load: () => Promise<Runtime> = importOnnxRuntime): Promise<Runtime> {
  try {
    return await load();
  } catch (cause) {
    throw new EngineError(
      'ENGINE_UNAVAILABLE',
      `onnxruntime-node cannot be loaded on ${process.platform}-${process.arch} (${messageOf(cause)}). ` +
        'It has prebuilt libraries for Linux with glibc and Windows on x64 and arm64, and for macOS on arm64. Install it ' +
        'with "ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0" (the variable skips the download of ' +
        'CUDA libraries), or train with @mnist/native or @mnist/tfjs.',
      { cause },
    );
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
