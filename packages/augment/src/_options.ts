import { AugmentError } from './augment-error.js';

type Options = Readonly<Record<string, unknown>>;

/** Merges given options with defaults. A key that the defaults lack is an error, never ignored. */
export function completeOptions<T extends object>(
  where: string,
  given: Partial<T> | undefined,
  defaults: T,
): T {
  if (given === undefined) return { ...defaults };
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new AugmentError('INVALID_OPTION', `${where} takes one object of options, found ${String(given)}.`);
  }
  const result: Record<string, unknown> = { ...(defaults as Options) };
  for (const [name, value] of Object.entries(given as Options)) {
    if (!Object.hasOwn(defaults, name)) {
      const known = Object.keys(defaults);
      throw new AugmentError(
        'INVALID_OPTION',
        `${where} has no option '${name}'. It takes ${known.length === 0 ? 'none' : known.join(', ')}.`,
      );
    }
    if (value !== undefined) result[name] = value;
  }
  return result as T;
}

/** A finite number within [low, high]. */
export function checkNumber(where: string, name: string, value: unknown, low: number, high: number): void {
  if (typeof value === 'number' && value >= low && value <= high) return;
  throw new AugmentError(
    'INVALID_OPTION',
    `${where}: ${name} is ${String(value)}, expected a number from ${low} to ${high}.`,
  );
}

/** A whole number within [low, high]. */
export function checkInteger(where: string, name: string, value: unknown, low: number, high: number): void {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return;
  throw new AugmentError(
    'INVALID_OPTION',
    `${where}: ${name} is ${String(value)}, expected a whole number from ${low} to ${high}.`,
  );
}

/** A largest size either way, or a range. */
export type Span = number | readonly [from: number, to: number];

/** A span as its two ends: 3 is [-3, 3]. Both ends must lie within the limits. */
export function completeSpan(
  where: string,
  name: string,
  value: Span,
  low: number,
  high: number,
): [number, number] {
  const ends = typeof value === 'number' ? [-Math.abs(value), Math.abs(value)] : value;
  if (Array.isArray(ends) && ends.length === 2) {
    const [from, to] = ends as [unknown, unknown];
    if (typeof from === 'number' && typeof to === 'number' && low <= from && from <= to && to <= high) {
      return [from, to];
    }
  }
  throw new AugmentError(
    'INVALID_OPTION',
    `${where}: ${name} is ${JSON.stringify(value)}, expected a number (the largest size either way) or [from, to], within ${low} ... ${high}.`,
  );
}

/** [low, high] with low <= high, both within the limits. */
export function checkRange(where: string, name: string, value: unknown, low: number, high: number): void {
  if (Array.isArray(value) && value.length === 2) {
    const [from, to] = value as [unknown, unknown];
    if (typeof from === 'number' && typeof to === 'number' && low <= from && from <= to && to <= high) return;
  }
  throw new AugmentError(
    'INVALID_OPTION',
    `${where}: ${name} is ${JSON.stringify(value)}, expected [from, to] with ${low} <= from <= to <= ${high}.`,
  );
}

export function checkChoice(where: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (choices.includes(value)) return;
  throw new AugmentError(
    'INVALID_OPTION',
    `${where}: ${name} is ${JSON.stringify(value)}, expected one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}.`,
  );
}
