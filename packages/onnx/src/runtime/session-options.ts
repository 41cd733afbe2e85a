import type { InferenceSession } from 'onnxruntime-node';
import type { Provider, SessionSettings } from './step-plan.js';

/**
 * ONNX Runtime session options.
 *
 * Threads of a pool spin for a while after their work, waiting for more. `force_spinning_stop` ends that as soon as a
 * run ends, so that a session between two steps costs nothing; within a step they still spin, which a step with
 * hundreds of small operators needs.
 */
export function sessionOptions(
  settings: SessionSettings,
  extra: InferenceSession.SessionOptions = {},
): InferenceSession.SessionOptions {
  return {
    executionProviders: executionProviders(settings.provider),
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Planned memory took 140 MB more for compactNet at batch 100, and was not faster.
    enableMemPattern: false,
    // 'all' would add layout changes around the constant kernels of a graph that has chosen its layouts already.
    graphOptimizationLevel: 'extended',
    // Errors only: warnings about nodes placed on the CPU are expected.
    logSeverityLevel: 3,
    extra: {
      session: { force_spinning_stop: '1' },
      // Pad_Fusion joins a padding to a pooling with a smaller window, and then refuses the result.
      optimization: { disable_specified_optimizers: 'Pad_Fusion' },
    },
    ...extra,
  };
}

function executionProviders(provider: Provider): InferenceSession.ExecutionProviderConfig[] {
  if (provider === 'cpu') return ['cpu'];
  // The default NHWC convolution of 1.30 is wrong where the input channels (in a kernel's gradient: the images) exceed 3 and
  // divide by 3 but not by 4, and the output channels divide by 4 (microsoft/onnxruntime issue 29651).
  if (provider === 'webgpu') return [{ name: 'webgpu', preferredLayout: 'NCHW' }, 'cpu'];
  return [provider, 'cpu'];
}
