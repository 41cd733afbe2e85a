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
