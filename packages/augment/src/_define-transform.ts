import type { DrawKey, ImageTransform } from '@mnist/dataset';
import { type Check, deriveCounterSeed, fillUniform, share } from '@mnist/kit';
import { copyImage } from './_copy-image.js';
import { AugmentError, check } from './augment-error.js';
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

/** What every transform that draws takes, besides its own options. */
export interface ProbabilityOption {
  /** How often the transform is applied at all, 0 to 1; otherwise the image stays as it is, at the size of `out`. Default 1. */
  probability?: number;
}

/** Completes the options of a transform: its own and `probability`. */
export function completeTransform<T extends Required<ProbabilityOption>>(
  where: string,
  given: object | undefined,
  defaults: Omit<T, 'probability'>,
  checks: Readonly<Record<string, Check>>,
): T {
  const all = { ...defaults, probability: 1 } as T;
  return check.complete<T>(where, given, all, { ...checks, probability: share });
}

/** A transform by its name and options, applied with the probability among them. */
export function defineTransform(
  name: string,
  { probability, ...options }: Required<ProbabilityOption>,
  apply: ImageTransform,
  parameters: (key: DrawKey) => DrawnParameters,
): SeededTransform {
  if (probability === 1) return attach(apply, namedSpec(name, options), parameters);
  const coin = new Float64Array(1);
  // From a lane of its own, so that what is drawn does not depend on the probability.
  const isApplied = (key: DrawKey): boolean => {
    drawUniform(coin, 1, key, 2);
    return coin[0]! < probability;
  };
  return attach(
    (image, out, key) => {
      if (isApplied(key)) apply(image, out, key);
      else copyImage(image, out);
    },
    namedSpec(name, { ...options, probability }),
    (key) => (isApplied(key) ? { applied: true, ...parameters(key) } : { applied: false }),
  );
}

/** The first `count` numbers of the key's stream. */
export function drawUniform(uniforms: Float64Array, count: number, key: DrawKey, lane = 0): void {
  const { seed, epoch, index } = checkKey(key);
  if (!Number.isSafeInteger(seed) || !isWord(epoch) || !isWord(index)) throw keyError(key);
  fillUniform(uniforms, count, seed, epoch, index, lane);
}

/** Throws where there is no key at all. */
export function checkKey(key: DrawKey): DrawKey {
  if (typeof key !== 'object' || key === null) throw keyError(key);
  return key;
}

/** The seed of step `step` of a composition. */
export const seedOfStep = deriveCounterSeed;

function isWord(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
}

function keyError(key: DrawKey): AugmentError {
  const found = key ? `{ seed: ${key.seed}, epoch: ${key.epoch}, index: ${key.index} }` : String(key);
  return new AugmentError(
    'INVALID_KEY',
    `The key, a transform's third argument, is ${found}; expected a safe integer as seed and whole numbers from 0 to 4294967295 as epoch and index.`,
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
