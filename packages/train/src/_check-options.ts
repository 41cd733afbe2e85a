import { TrainError } from './train-error.js';

/** Throws on a key that `owner` does not take; a misspelt option is never ignored. */
export function checkOptionNames(owner: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TrainError('INVALID_OPTION', `${owner} takes an object of options, not ${String(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TrainError(
        'INVALID_OPTION',
        `${owner} has no option '${name}'. Known: ${known.map((key) => `'${key}'`).join(', ')}.`,
      );
    }
  }
}

export interface NumberLimits {
  readonly integer?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Excludes `min` and `max` themselves. */
  readonly above?: number;
  readonly below?: number;
}

/** Throws unless `value` is a finite number within the limits. */
export function checkNumber(what: string, value: unknown, limits: NumberLimits = {}): void {
  const { integer, min, max, above, below } = limits;
  const fine =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!integer || Number.isInteger(value)) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below);
  if (fine) return;
  const range = [
    min !== undefined && `at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter(Boolean);
  const expected = [integer ? 'an integer' : 'a finite number', range.join(' and ')]
    .filter(Boolean)
    .join(' ');
  throw new TrainError('INVALID_OPTION', `${what} is ${String(value)}; it must be ${expected}.`);
}

/** Throws unless `value` is one of the `choices`. */
export function checkChoice(what: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return;
  const list = choices.map((choice) => `'${choice}'`).join(', ');
  throw new TrainError('INVALID_OPTION', `${what} is ${JSON.stringify(value)}; it must be one of ${list}.`);
}
