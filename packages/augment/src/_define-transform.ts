import type { DrawKey, ImageTransform } from '@mnist/dataset';
import { fillUniform, highWord, lowWord } from './_philox.js';
import { AugmentError } from './augment-error.js';
import type { DrawnParameters, SeededTransform, TransformSpec } from './seeded-transform.js';

export function attach(
  apply: ImageTransform,
  spec: TransformSpec | undefined,
  parameters: (key: DrawKey) => DrawnParameters,
): SeededTransform {
  return Object.assign(apply, { spec, parameters });
}

/** The recipe of a transform of this package; options that are the defaults are written out too. */
export function namedSpec(transform: string, options: object): TransformSpec {
  const copy = structuredClone(options) as Record<string, unknown>;
  return Object.keys(copy).length === 0 ? { transform } : { transform, options: copy };
}

/** The first `count` numbers of the key's stream. */
export function drawUniform(uniforms: Float64Array, count: number, key: DrawKey): void {
  const { seed, epoch, index } = key;
  if (!Number.isSafeInteger(seed) || !isWord(epoch) || !isWord(index)) throw keyError(key);
  fillUniform(uniforms, count, lowWord(seed), highWord(seed), lowWord(epoch), lowWord(index));
}

function isWord(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
}

function keyError({ seed, epoch, index }: DrawKey): AugmentError {
  return new AugmentError(
    'INVALID_KEY',
    `The key is { seed: ${seed}, epoch: ${epoch}, index: ${index} }, expected a safe integer as seed and whole numbers from 0 to 4294967295 as epoch and index.`,
  );
}

/** A whole number from `low` to `high`, both included, from a uniform number in [0, 1). */
export function toInteger(uniform: number, low: number, high: number): number {
  return low + Math.floor(uniform * (high - low + 1));
}

/** A number from `low` to `high` from a uniform number in [0, 1). */
export function toReal(uniform: number, low: number, high: number): number {
  return low + uniform * (high - low);
}
