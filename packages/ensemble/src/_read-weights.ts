import { number } from '@mnist/kit';
import { check, EnsembleError } from './ensemble-error.js';

/**
 * Checks one weight a member (finite, none negative, not all 0), and scales them by a power of two so that no sum of
 * them overflows: only their ratios count, and those keep their bits.
 */
export function readWeights(where: string, weights: readonly number[], memberCount: number): number[] {
  if (!Array.isArray(weights) || weights.length !== memberCount) {
    throw new EnsembleError(
      'SHAPE_MISMATCH',
      `${where}: weights: found ${Array.isArray(weights) ? weights.length : typeof weights}; expected a list of ${memberCount}, one a member.`,
    );
  }
  const oneWeight = number({ min: 0 });
  weights.forEach((weight, index) => {
    check.require(where, `weights[${index}]`, weight, oneWeight);
  });
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  if (largest === 0) {
    throw new EnsembleError('INVALID_OPTION', `${where}: weights are all 0; at least one member must count.`);
  }
  // 2^1023 is the largest power that a number holds; weights below 2^-1022 have lost bits already.
  const scale = 2 ** Math.min(1023, -Math.floor(Math.log2(largest)));
  return weights.map((weight) => weight * scale);
}
