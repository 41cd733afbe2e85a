import { show } from '@mnist/kit';
import type { NamedTensor, TrainingState } from './engine.js';
import { EngineError } from './engine-error.js';
import type { SessionPlan, TensorInfo } from './session-plan.js';

/** Throws unless `state` fits the session. Names may differ. */
export function checkState(state: TrainingState, plan: SessionPlan): void {
  if (!(Number.isSafeInteger(state?.step) && state.step >= 0)) {
    throw mismatch(`its step is ${show(state?.step)}; expected a whole number, at least 0`);
  }
  const [found, wanted] = [Object.keys(state.slots ?? {}).sort(), [...plan.slots].sort()];
  if (found.join() !== wanted.join()) {
    throw mismatch(
      `its optimiser slots are [${found.join(', ')}]; this session's optimiser has [${wanted.join(', ')}]`,
    );
  }
  checkTensors('parameters', state.parameters, plan.parameters);
  checkTensors('statistics', state.statistics, plan.statistics);
  for (const slot of wanted) checkTensors(`slot '${slot}'`, state.slots[slot]!, plan.parameters);
}

function checkTensors(what: string, found: readonly NamedTensor[], expected: readonly TensorInfo[]): void {
  if (found?.length !== expected.length) {
    throw mismatch(`it has ${show(found?.length)} ${what}; the model has ${expected.length}`);
  }
  for (const [i, { name, shape, size }] of expected.entries()) {
    const tensor = found[i]!;
    const which = `${what}, number ${i} (${show(tensor.name)})`;
    if (tensor.shape?.join() !== shape.join()) {
      throw mismatch(`${which} has shape ${show(tensor.shape)}; '${name}' has [${shape.join(', ')}]`);
    }
    if (!(tensor.data instanceof Float32Array) || tensor.data.length !== size) {
      throw mismatch(
        `${which} has ${show(tensor.data?.length)} elements; its shape needs ${size} of float32`,
      );
    }
  }
}

function mismatch(reason: string): EngineError {
  return new EngineError(
    'STATE_MISMATCH',
    `the training state does not fit: ${reason}. Restore it into the model and the optimiser that it was saved from.`,
  );
}
