import type { NamedTensor, TrainingState } from '@mnist/engine';
import { packState } from './_pack-state.js';

/** Names the first tensor that holds NaN or an infinity: a state that no training can go on from. */
export function findNotFinite(state: TrainingState): string | undefined {
  return findNotFiniteTensor(packState(state));
}

export function findNotFiniteTensor(
  groups: Readonly<Record<string, readonly NamedTensor[]>>,
): string | undefined {
  for (const [group, tensors] of Object.entries(groups)) {
    const tensor = tensors.find(({ data }) => !allFinite(data));
    if (tensor) return `${group} '${tensor.name}'`;
  }
  return undefined;
}

function allFinite(values: Float32Array): boolean {
  // x - x is 0 for every finite x and NaN for the others: one sum tells, without a branch a value.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! - values[i]!;
  return sum === 0;
}
