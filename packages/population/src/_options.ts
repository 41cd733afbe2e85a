import { PopulationError } from './population-error.js';

type Check = (value: unknown) => string | undefined;

/** Expectation text when the value is wrong, undefined when it is right. */
export const checks = {
  wholeNumber:
    (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
    (value) =>
      Number.isInteger(value) && (value as number) >= least && (value as number) <= most
        ? undefined
        : `an integer from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`,
  milliseconds: ((value) =>
    typeof value === 'number' && value >= 0 && Number.isFinite(value)
      ? undefined
      : 'milliseconds from 0') as Check,
  text: ((value) => (typeof value === 'string' && value !== '' ? undefined : 'a non-empty string')) as Check,
  names: ((value) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '')
      ? undefined
      : 'a list of names, at least one') as Check,
  queueName: ((value) =>
    typeof value === 'string' && /^[\w.-]+$/.test(value)
      ? undefined
      : 'letters, digits, ., _ and -') as Check,
  flag: ((value) => (typeof value === 'boolean' ? undefined : 'true or false')) as Check,
  function: ((value) => (typeof value === 'function' ? undefined : 'a function')) as Check,
  signal: ((value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal')) as Check,
  object: ((value) => (typeof value === 'object' && value !== null ? undefined : 'an object')) as Check,
  anything: (() => undefined) as Check,
};

/**
 * Checks names and values of an options object. Undefined values count as absent.
 * @throws PopulationError `INVALID_OPTION`
 */
export function checkOptions(
  where: string,
  options: object,
  required: Record<string, Check>,
  optional: Record<string, Check>,
): void {
  const known = { ...required, ...optional };
  if (options === null || typeof options !== 'object') {
    throw new PopulationError(
      'INVALID_OPTION',
      `${where}() takes an object of options; got ${typeof options}.`,
    );
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined) {
      throw new PopulationError(
        'INVALID_OPTION',
        `${where}() has no option ${JSON.stringify(name)}; it has ${Object.keys(known).join(', ')}.`,
      );
    }
    const expected = check(value);
    if (expected !== undefined) {
      throw new PopulationError(
        'INVALID_OPTION',
        `${where}(): ${name} is ${show(value)}; expected ${expected}.`,
      );
    }
  }
  for (const name of Object.keys(required)) {
    if (!given.some(([key]) => key === name)) {
      throw new PopulationError('INVALID_OPTION', `${where}() needs the option ${JSON.stringify(name)}.`);
    }
  }
}

function show(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function'
    ? `of type ${typeof value}`
    : (JSON.stringify(value) ?? String(value));
}
