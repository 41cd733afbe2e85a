export type {
  BestEngine,
  BestEngineOptions,
  CandidateOptions,
  EngineCandidate,
  EngineModule,
  EngineProbe,
  EngineVerdict,
} from './best-engine.js';
export { bestEngine } from './best-engine.js';
export { checkStepOptions } from './check-step-options.js';
export type {
  Engine,
  GroupedStep,
  Hyperparameters,
  Logits,
  Loss,
  NamedTensor,
  Optimizer,
  StepGroup,
  StepOptions,
  TrainingBatch,
  TrainingSession,
  TrainingState,
} from './engine.js';
export type { EngineErrorCode } from './engine-error.js';
export { EngineError, engineOptions } from './engine-error.js';
export type { ActivationFunction } from './network/activation-option.js';
export { activationOption } from './network/activation-option.js';
export type { NormalizationOptions } from './network/layer-options.js';
export {
  concatenationAxis,
  depthwiseWindowOption,
  dropoutRate,
  normalizationOptions,
  numberOption,
  paddingOption,
  requireChannelsLast,
  requireEqualShapes,
  requireVectors,
  unsupportedLayer,
  windowOption,
} from './network/layer-options.js';
export type { Network, NetworkNode, NetworkWeight } from './network/network.js';
export { readNetwork } from './network/read-network.js';
export type { Window, WindowConfig } from './network/window.js';
export { resolveWindow } from './network/window.js';
export { openSession } from './open-session.js';
export type {
  Computation,
  GroupComputation,
  SessionPlan,
  TensorInfo,
  TrainingValues,
} from './session-plan.js';
export type { FullLoss, FullOptimizer, FullStepOptions } from './step-defaults.js';
export { stepDefaults } from './step-defaults.js';
export { timeSteps } from './time-steps.js';
