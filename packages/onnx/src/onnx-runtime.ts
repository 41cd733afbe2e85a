import type * as OnnxRuntime from 'onnxruntime-node';
import { OnnxEngineError } from './errors.js';

export type Runtime = typeof OnnxRuntime;

/**
 * Loads onnxruntime-node, a native library and an optional dependency.
 * @throws OnnxEngineError ONNX_RUNTIME_UNAVAILABLE
 */
export async function loadOnnxRuntime(
  load: () => Promise<Runtime> = () => import('onnxruntime-node'),
): Promise<Runtime> {
  try {
    const runtime = await load();
    return 'default' in runtime ? (runtime.default as Runtime) : runtime;
  } catch (cause) {
    throw new OnnxEngineError(
      'ONNX_RUNTIME_UNAVAILABLE',
      `onnxruntime-node cannot be loaded on ${process.platform}-${process.arch} (${messageOf(cause)}). ` +
        'It has prebuilt libraries for Linux with glibc, macOS and Windows on x64 and arm64. Install it with ' +
        '"ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0" (the variable skips the download of ' +
        'CUDA libraries), or train with the tfjs engine of @mnist/train',
      { cause },
    );
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
