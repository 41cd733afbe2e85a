import { EngineError } from '@mnist/engine';
import { messageOf } from '../onnx-runtime.js';
import { LocalStepRunner } from './local-step-runner.js';
import type { StepPlan, StepRunner } from './step-plan.js';
import { WorkerStepRunner } from './worker-step-runner.js';

/** @throws EngineError ENGINE_UNAVAILABLE when the provider does not start; SESSION_FAILED */
export async function startRunner(plan: StepPlan, onWorker: boolean): Promise<StepRunner> {
  try {
    return await (onWorker ? WorkerStepRunner.create(plan) : LocalStepRunner.create(plan));
  } catch (cause) {
    const { provider } = plan.settings;
    if (provider === 'cpu' || cause instanceof EngineError) throw cause;
    throw new EngineError(
      'ENGINE_UNAVAILABLE',
      `the provider '${provider}' does not start on this machine (${messageOf(cause)}). CUDA needs an NVIDIA driver, CUDA, cuDNN 9 ` +
        "and ONNX Runtime's own libraries for it; use provider 'cpu', which every machine has.",
      { cause },
    );
  }
}
