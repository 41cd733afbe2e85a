import type { NamedTensor, TrainingState } from '@mnist/engine';

/** A state's tensors under flat names, as checkpoints store them: `parameters`, `statistics`, `slot:<name>`. */
export function packState(state: TrainingState): Record<string, readonly NamedTensor[]> {
  const slots = Object.entries(state.slots).map(([name, slot]) => [`slot:${name}`, slot] as const);
  return { parameters: state.parameters, statistics: state.statistics, ...Object.fromEntries(slots) };
}

export function unpackState(
  step: number,
  tensors: Readonly<Record<string, readonly NamedTensor[]>>,
): TrainingState {
  const slots = Object.entries(tensors)
    .filter(([name]) => name.startsWith('slot:'))
    .map(([name, slot]) => [name.slice('slot:'.length), slot] as const);
  return {
    step,
    parameters: tensors.parameters ?? [],
    slots: Object.fromEntries(slots),
    statistics: tensors.statistics ?? [],
  };
}
