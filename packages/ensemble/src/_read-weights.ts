import { EnsembleError } from './ensemble-error.js';

/** Checks one weight a member: finite, none negative, not all 0. */
export function readWeights(weights: readonly number[], memberCount: number): readonly number[] {
  if (!Array.isArray(weights) || weights.length !== memberCount) {
    throw new EnsembleError(
      'SHAPE_MISMATCH',
      `weights: found ${Array.isArray(weights) ? weights.length : typeof weights}; expected a list of ${memberCount}, one a member.`,
    );
  }
  weights.forEach((weight, index) => {
    if (!Number.isFinite(weight) || weight < 0) {
      throw new EnsembleError(
        'INVALID_OPTION',
        `weights[${index}] is ${weight}; expected a finite number that is not negative.`,
      );
    }
  });
  if (weights.every((weight) => weight === 0)) {
    throw new EnsembleError('INVALID_OPTION', 'weights are all 0; at least one member must count.');
  }
  return weights;
}
