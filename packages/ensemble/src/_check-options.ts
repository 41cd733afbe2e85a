import { EnsembleError } from './ensemble-error.js';

/** Throws on a key that the function does not know: a misspelt option must not be ignored. */
export function checkOptions(functionName: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new EnsembleError(
        'UNKNOWN_OPTION',
        `${functionName}: unknown option "${key}". Known options: ${known.join(', ')}.`,
      );
    }
  }
}

/** Throws unless `value` is an integer in the range. */
export function checkInteger(name: string, value: unknown, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || (value as number) < minimum || (value as number) > maximum) {
    const upper = maximum === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${maximum}`;
    throw new EnsembleError(
      'INVALID_OPTION',
      `${name} is ${String(value)}; expected an integer of at least ${minimum}${upper}.`,
    );
  }
}

/** Throws unless 0 < value < 1. */
export function checkConfidence(name: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0 && value < 1)) {
    throw new EnsembleError(
      'INVALID_OPTION',
      `${name} is ${String(value)}; expected a number between 0 and 1, such as 0.95.`,
    );
  }
}
