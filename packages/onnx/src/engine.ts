import type { Engine, Loss, StepOptions, TrainingSession } from '@mnist/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { compileInference } from './compile-inference.js';
import { AVERAGE_SLOT, compileTraining } from './compile-training.js';
import type { GraphBuilder } from './graph/graph-builder.js';
import { BlockedLowering } from './lowering/blocked-lowering.js';
import type { Lowering } from './lowering/lowering.js';
import { PortableLowering } from './lowering/portable-lowering.js';
import { readNetwork } from './network/read-network.js';
import { LocalStepRunner } from './runtime/local-step-runner.js';
import type { Provider } from './runtime/step-plan.js';
import { OnnxTrainingSession } from './runtime/training-session.js';

export interface OnnxEngineOptions {
  /** Execution provider of ONNX Runtime. Default 'cpu'. */
  readonly provider?: Provider;
  /** Threads of one training session. Results are a function of this number. Default 1. */
  readonly threads?: number;
  readonly lowering?: 'portable' | 'blocked';
}

/** An engine that runs each training step as one ONNX graph on ONNX Runtime. */
export function onnxEngine(options: OnnxEngineOptions = {}): Engine {
  const provider = options.provider ?? 'cpu';
  const threads = options.threads ?? 1;
  return {
    name: `onnx:${provider}`,
    async open(model: LayersModel, stepOptions: StepOptions): Promise<TrainingSession> {
      const network = readNetwork(model);
      const loss: Loss = stepOptions.loss ?? { kind: 'softmaxCrossEntropy' };
      const lowering = (graph: GraphBuilder): Lowering =>
        options.lowering === 'blocked' ? new BlockedLowering(graph, 16) : new PortableLowering(graph);
      const graph = compileTraining(network, {
        batchSize: stepOptions.batchSize,
        loss,
        optimizer: stepOptions.optimizer ?? { kind: 'adam' },
        lowering,
      });
      const inference = compileInference(network, { batchSize: -1, lowering });
      const runner = await LocalStepRunner.create({
        training: graph.model,
        inference: inference.model,
        settings: { provider, threads },
        batchSize: graph.batchSize,
        inputShape: graph.inputShape,
        classes: graph.classes,
        parameterCount: graph.parameters.size,
        statisticCount: graph.statistics.size,
        slots: graph.slots,
        scalars: graph.rule.scalars,
        dropoutMasks: graph.dropoutMasks,
        seed: stepOptions.seed ?? 0,
        predictBatchSize: stepOptions.batchSize,
        predictWith: graph.slots.includes(AVERAGE_SLOT) ? AVERAGE_SLOT : 'parameters',
      });
      const session = new OnnxTrainingSession(model, graph, runner, loss);
      await session.readModel();
      return session;
    },
  };
}
