import { DatasetError } from './dataset-error.js';

/** Refuses options that do not exist: a misspelt one must not be ignored. */
export function refuseUnknown(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new DatasetError(
      'BAD_OPTION',
      `${where}: options are ${String(options)}; expected an object with ${known.join(', ')}.`,
    );
  }
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  throw new DatasetError(
    'BAD_OPTION',
    `${where}: unknown option '${unknown.join("', '")}'. Known: ${known.join(', ')}.`,
  );
}

/** A whole number of a range, or a typed error that names it. */
export function requireInteger(
  where: string,
  name: string,
  value: unknown,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new DatasetError(
    'BAD_OPTION',
    `${where}: ${name} is ${String(value)}; expected a whole number ${range}.`,
  );
}
