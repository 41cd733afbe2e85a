import type * as OnnxRuntime from 'onnxruntime-node';

export type Runtime = typeof OnnxRuntime;

/** The only place that loads the native library: its telemetry is off before it starts. */
export async function importOnnxRuntime(): Promise<Runtime> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const runtime: Runtime = await import('onnxruntime-node');
  return 'default' in runtime ? (runtime.default as Runtime) : runtime;
}
