import { ModelError } from './model-error.js';

type Options = Readonly<Record<string, unknown>>;

/** Merges given options with defaults. A key that the defaults lack is an error, never ignored. */
export function completeOptions<T extends object>(
  where: string,
  given: Partial<T> | undefined,
  defaults: T,
): T {
  if (given === undefined) return { ...defaults };
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new ModelError('INVALID_OPTION', `${where} takes one object of options, found ${String(given)}.`);
  }
  const result: Record<string, unknown> = { ...(defaults as Options) };
  for (const [name, value] of Object.entries(given as Options)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new ModelError(
        'INVALID_OPTION',
        `${where} has no option '${name}'. It takes ${Object.keys(defaults).join(', ')}.`,
      );
    }
    if (value !== undefined) result[name] = value;
  }
  return result as T;
}

export function requireText(where: string, name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw new ModelError(
    'INVALID_OPTION',
    `${where}: ${name} is ${JSON.stringify(value)}, expected the path of a folder.`,
  );
}

/** A whole number within [low, high]. */
export function checkInteger(where: string, name: string, value: unknown, low: number, high: number): void {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return;
  throw new ModelError(
    'INVALID_OPTION',
    `${where}: ${name} is ${String(value)}, expected a whole number from ${low} to ${high}.`,
  );
}

export function checkSeed(where: string, seed: unknown): void {
  if (Number.isSafeInteger(seed)) return;
  throw new ModelError(
    'INVALID_OPTION',
    `${where}: seed is ${String(seed)}, expected a whole number that JavaScript holds exactly, such as 1.`,
  );
}
