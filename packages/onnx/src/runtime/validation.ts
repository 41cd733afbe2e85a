import type { Hyperparameters, NamedTensor, TrainingState } from '@mnist/train';
import { AVERAGE_SLOT, type TrainingGraph } from '../compile-training.js';
import { OnnxEngineError } from '../errors.js';
import type { WeightPack } from '../network/weight-pack.js';

/** @throws OnnxEngineError INVALID_OPTION */
export function requireHyperparameters(hyper: Hyperparameters): void {
  const { learningRate, momentum, weightDecay } = hyper;
  requireNumber('learningRate', learningRate, learningRate >= 0, 'a finite number >= 0');
  requireNumber('momentum', momentum, momentum >= 0 && momentum < 1, '0 <= momentum < 1');
  requireNumber('weightDecay', weightDecay, weightDecay >= 0, 'a finite number >= 0');
}

function requireNumber(name: string, value: number, valid: boolean, expected: string): void {
  if (Number.isFinite(value) && valid) return;
  throw new OnnxEngineError('INVALID_OPTION', `${name} is ${value}; expected ${expected}`);
}

/** Checks that a state fits the model, before anything is changed. @throws OnnxEngineError INVALID_STATE */
export function requireState(state: TrainingState, graph: TrainingGraph): void {
  if (!Number.isInteger(state.step) || state.step < 0) {
    throw invalid(`step is ${state.step}; expected an integer >= 0`);
  }
  requireTensors('parameters', state.parameters, graph.parameters);
  requireTensors('statistics', state.statistics, graph.statistics);
  for (const slot of graph.slots) {
    const tensors = state.slots[slot];
    if (tensors !== undefined) {
      requireTensors(`slots.${slot}`, tensors, graph.parameters);
    } else if (slot !== AVERAGE_SLOT) {
      const found = Object.keys(state.slots).join(', ') || 'none';
      throw invalid(
        `slots are ${found}; this session's optimiser needs "${slot}": open the session with the optimiser that saved the state`,
      );
    }
  }
}

function requireTensors(what: string, tensors: readonly NamedTensor[], pack: WeightPack): void {
  if (tensors.length !== pack.weights.length) {
    throw invalid(`${what} has ${tensors.length} tensors; the model has ${pack.weights.length}`);
  }
  for (const [index, weight] of pack.weights.entries()) {
    const { name, shape, data } = tensors[index]!;
    if (shape.join() !== weight.shape.join() || data.length !== weight.size) {
      throw invalid(
        `${what}[${index}] "${name}" has shape [${shape.join(', ')}] and ${data.length} values; ` +
          `the model's "${weight.name}" has shape [${weight.shape.join(', ')}]`,
      );
    }
  }
}

const invalid = (message: string): OnnxEngineError =>
  new OnnxEngineError('INVALID_STATE', `the training state does not fit the model: ${message}`);
