import type { NamedTensor, TrainingState } from './engine.js';
import { TrainError } from './train-error.js';

/** Throws unless `state` fits the session whose own state is `expected`. Names may differ: auto-numbering changes them. */
export function checkState(state: TrainingState, expected: TrainingState): void {
  if (!(Number.isInteger(state.step) && state.step >= 0)) {
    throw mismatch(`its step is ${state.step}; expected an integer, at least 0`);
  }
  const [found, wanted] = [Object.keys(state.slots).sort(), Object.keys(expected.slots).sort()];
  if (found.join() !== wanted.join()) {
    throw mismatch(
      `its optimiser slots are [${found.join(', ')}]; this session's optimiser has [${wanted.join(', ')}]`,
    );
  }
  checkTensors('parameters', state.parameters, expected.parameters);
  checkTensors('statistics', state.statistics, expected.statistics);
  for (const slot of wanted) checkTensors(`slot '${slot}'`, state.slots[slot]!, expected.parameters);
}

function checkTensors(what: string, found: readonly NamedTensor[], expected: readonly NamedTensor[]): void {
  if (found.length !== expected.length) {
    throw mismatch(`it has ${found.length} ${what}; the model has ${expected.length}`);
  }
  for (const [i, { name, shape }] of expected.entries()) {
    const tensor = found[i]!;
    if (tensor.shape.join() !== shape.join()) {
      throw mismatch(
        `${what}, number ${i} ('${tensor.name}') has shape [${tensor.shape.join(', ')}]; '${name}' has [${shape.join(', ')}]`,
      );
    }
    const size = shape.reduce((product, length) => product * length, 1);
    if (tensor.data.length !== size) {
      throw mismatch(
        `${what}, number ${i} ('${tensor.name}') has ${tensor.data.length} elements; its shape needs ${size}`,
      );
    }
  }
}

function mismatch(reason: string): TrainError {
  return new TrainError(
    'STATE_MISMATCH',
    `The training state does not fit: ${reason}. Restore it into the model and the optimiser that it was saved from.`,
  );
}
