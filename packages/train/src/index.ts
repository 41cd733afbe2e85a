export type {
  Engine,
  Hyperparameters,
  Logits,
  Loss,
  NamedTensor,
  Optimizer,
  StepOptions,
  TrainingSession,
  TrainingState,
} from './engine.js';
export type { LoadTfjsNodeOptions } from './tfjs/load-tfjs-node.js';
export { loadTfjsNode } from './tfjs/load-tfjs-node.js';
export type { TfjsEngineOptions } from './tfjs/tfjs-engine.js';
export { tfjsEngine } from './tfjs/tfjs-engine.js';
export type { TrainErrorCode } from './train-error.js';
export { TrainError } from './train-error.js';
