import type { Engine, StepOptions, TrainingSession } from '@mnist/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { chooseLowering } from './choose-lowering.js';
import { compileInference } from './compile-inference.js';
import { AVERAGE_SLOT, compileTraining } from './compile-training.js';
import type { OnnxEngineOptions } from './engine-options.js';
import { requireEngineOptions, requireStepOptions } from './engine-options.js';
import { readNetwork } from './network/read-network.js';
import { loadOnnxRuntime } from './onnx-runtime.js';
import type { ProbeResult } from './probe.js';
import { LocalStepRunner } from './runtime/local-step-runner.js';
import type { StepPlan } from './runtime/step-plan.js';
import { OnnxTrainingSession } from './runtime/training-session.js';
import { WorkerStepRunner } from './runtime/worker-step-runner.js';

/** An Engine that also tells how it computes. */
export interface OnnxEngine extends Engine {
  /**
   * Which lowering sessions of this engine use, and why; probes the machine on the first call.
   * @throws OnnxEngineError ONNX_RUNTIME_UNAVAILABLE, PROVIDER_UNAVAILABLE, LOWERING_UNAVAILABLE
   */
  lowering(): Promise<ProbeResult>;
}

/**
 * An engine that runs each training step, forward pass to optimiser update, as one ONNX graph on ONNX Runtime.
 *
 * @example
 * const session = await onnxEngine({ threads: 2 }).open(model, { batchSize: 100 });
 * const { loss } = await session.step(batch, { learningRate: 1e-3, momentum: 0.9, weightDecay: 0 });
 *
 * @throws OnnxEngineError INVALID_OPTION
 */
export function onnxEngine(options: OnnxEngineOptions = {}): OnnxEngine {
  const settings = requireEngineOptions(options);
  const lowering = () => loadOnnxRuntime().then((runtime) => chooseLowering(runtime, settings));
  return {
    name: `onnx:${settings.provider}`,
    lowering,
    async open(model: LayersModel, stepOptions: StepOptions): Promise<TrainingSession> {
      const { batchSize, loss, optimizer, seed } = requireStepOptions(stepOptions);
      settings.signal?.throwIfAborted();
      const network = readNetwork(model);
      const { write } = await lowering();
      const averagingDecay = settings.averaging?.decay;
      const graph = compileTraining(network, { batchSize, loss, optimizer, averagingDecay, lowering: write });
      const inference = compileInference(network, { batchSize: -1, lowering: write });
      const plan: StepPlan = {
        training: graph.model,
        inference: inference.model,
        settings: { provider: settings.provider, threads: settings.threads },
        batchSize,
        inputShape: graph.inputShape,
        classes: graph.classes,
        parameterCount: graph.parameters.size,
        statisticCount: graph.statistics.size,
        slots: graph.slots,
        scalars: graph.rule.scalars,
        dropoutMasks: graph.dropoutMasks,
        seed,
        predictBatchSize: settings.predictBatchSize,
        predictWith: graph.slots.includes(AVERAGE_SLOT) ? AVERAGE_SLOT : 'parameters',
      };
      const runner = settings.worker
        ? await WorkerStepRunner.create(plan, settings.signal)
        : await LocalStepRunner.create(plan);
      const session = new OnnxTrainingSession(model, graph, runner, loss, settings.onPredictProgress);
      await session.readModel();
      return session;
    },
  };
}
