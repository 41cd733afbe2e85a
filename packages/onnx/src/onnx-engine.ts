import { type Engine, openSession, type SessionPlan } from '@mnist/engine';
import { type ChosenLowering, chooseLowering } from './choose-lowering.js';
import { compileInference } from './compile-inference.js';
import { compileTraining } from './compile-training.js';
import { readFusedNetwork } from './network/read-fused-network.js';
import { checkEngineOptions, type EngineSettings, type OnnxEngineOptions } from './onnx-engine-options.js';
import { loadOnnxRuntime } from './onnx-runtime.js';
import type { ProbeResult } from './probe.js';
import { OnnxComputation } from './runtime/onnx-computation.js';
import { startRunner } from './runtime/start-runner.js';
import { keepsStateOnDevice } from './runtime/step-plan.js';

/** An Engine that also tells how it computes. */
export interface OnnxEngine extends Engine {
  /**
   * Which lowering sessions of this engine use, and why; probes the machine on the first call.
   * @throws EngineError ENGINE_UNAVAILABLE
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
 * @throws EngineError INVALID_OPTION
 */
export function onnxEngine(options: OnnxEngineOptions = {}): OnnxEngine {
  const settings = checkEngineOptions(options);
  const name = `onnx:${settings.provider}`;
  const choose = () => loadOnnxRuntime().then((runtime) => chooseLowering(runtime, settings));
  return {
    name,
    async lowering() {
      const { lowering, block, reason } = await choose();
      return { lowering, block, reason };
    },
    open: (model, stepOptions) =>
      openSession(name, model, stepOptions, async (plan) => compile(plan, await choose(), settings)),
  };
}

async function compile(
  plan: SessionPlan,
  { write }: ChosenLowering,
  settings: EngineSettings,
): Promise<OnnxComputation> {
  const { batchSize, loss, optimizer } = plan;
  const { stepsPerCall } = settings;
  const network = readFusedNetwork(plan.model);
  const compileFor = (count: number) =>
    compileTraining(
      network,
      {
        batchSize: count,
        loss,
        optimizer,
        lowering: write,
        repeated: stepsPerCall > 1 && count === batchSize,
      },
      { sum: keepsStateOnDevice(settings) },
    );
  const graph = compileFor(batchSize);
  const runner = await startRunner(
    {
      training: graph.step,
      stepsPerCall,
      inference: compileInference(network, { batchSize: -1, lowering: write }).model,
      settings: { provider: settings.provider, threads: settings.threads },
      inputShape: plan.imageShape,
      classes: plan.classes,
      parameterCount: graph.parameters.size,
      statisticCount: graph.statistics.size,
      slots: plan.slots,
      scalars: graph.rule.scalars,
      seed: plan.seed,
      predictBatchSize: settings.predictBatchSize,
    },
    settings.worker,
  );
  return new OnnxComputation(graph, runner, compileFor, stepsPerCall);
}
