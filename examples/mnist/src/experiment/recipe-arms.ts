import { UsageError } from '../ui/errors.js';
import { augmentationNames, type MemberConfig } from './config.js';

/** What a recipe may change of its preset. */
export type RecipeChanges = Partial<Omit<MemberConfig, 'dataset' | 'engine' | 'holdOut'>>;

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isWhole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checks: Readonly<Record<keyof RecipeChanges, (value: unknown) => boolean>> = {
  net: (value) => isObject(value) && typeof value.name === 'string',
  epochs: isWhole,
  annihilationEpochs: isWhole,
  batchSize: (value) => isWhole(value) && value !== 0,
  schedule: (value) =>
    isObject(value) &&
    (value.kind === 'oneCycle'
      ? isNumber(value.peak)
      : value.kind === 'exponential' && isNumber(value.start) && isNumber(value.end)),
  momentum: isNumber,
  weightDecay: isNumber,
  augmentation: (value) => (augmentationNames as readonly unknown[]).includes(value),
  weightAverage: (value) => isObject(value) && isNumber(value.halfLife) && value.halfLife > 0,
};

/**
 * Reads the file of recipes to compare.
 *
 * @param text JSON: `{ "base": {}, "longer": { "epochs": 20 } }`
 * @throws UsageError for what is no such object, an unknown field, or a value that the field cannot have
 */
export function readArms(path: string, text: string): Readonly<Record<string, RecipeChanges>> {
  let arms: unknown;
  try {
    arms = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: not readable as JSON (${(error as Error).message}).`);
  }
  if (!isObject(arms) || Object.keys(arms).length === 0) {
    throw new UsageError(
      `${path}: expected an object of recipes by name, such as { "base": {}, "longer": { "epochs": 20 } }.`,
    );
  }
  for (const [name, changes] of Object.entries(arms)) {
    // The name becomes a folder.
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
      throw new UsageError(`${path}: the name '${name}' has more than small letters, digits and hyphens.`);
    if (!isObject(changes)) throw new UsageError(`${path}: '${name}' is no object of changes.`);
    for (const [field, value] of Object.entries(changes)) {
      const check = Object.hasOwn(checks, field) ? checks[field as keyof RecipeChanges] : undefined;
      if (check === undefined)
        throw new UsageError(
          `${path}: '${name}' changes '${field}'; known: ${Object.keys(checks).join(', ')}.`,
        );
      if (!check(value))
        throw new UsageError(
          `${path}: '${name}' has ${field} ${JSON.stringify(value)}, which it cannot have.`,
        );
    }
  }
  return arms as Record<string, RecipeChanges>;
}
