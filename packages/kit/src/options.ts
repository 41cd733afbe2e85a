/** What is expected, as words that follow 'expected', when the value is wrong; undefined when it is right. */
export interface Check {
  (value: unknown): string | undefined;
  /** The option may not be left out. */
  readonly required?: boolean;
}

export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  /** Exclude the limit itself. */
  readonly above?: number;
  readonly below?: number;
}

/** A finite number within the limits. */
export function number(limits: NumberLimits = {}): Check {
  const expected = describe('a finite number', limits);
  return (value) =>
    typeof value === 'number' && Number.isFinite(value) && within(value, limits) ? undefined : expected;
}

/** A whole number that JavaScript holds exactly, within the limits. */
export function integer(limits: NumberLimits = {}): Check {
  const expected = describe('a whole number', limits);
  return (value) => (Number.isSafeInteger(value) && within(value as number, limits) ? undefined : expected);
}

/** A seed: any safe integer from 0, or from `min`. */
export const seed: Check = integer({ min: 0 });

/** A probability or a share: 0 to 1, both included. */
export const share: Check = number({ min: 0, max: 1 });

export const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

export const text: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a non-empty string';

export const callback: Check = (value) => (typeof value === 'function' ? undefined : 'a function');

export const signal: Check = (value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal');

export const anything: Check = () => undefined;

/** The same check of an option that has no default and may not be left out. */
export function required(check: Check): Check {
  return Object.assign((value: unknown) => check(value), { required: true });
}

export function oneOf(...choices: readonly unknown[]): Check {
  const expected = `one of ${choices.map(show).join(', ')}`;
  return (value) => (choices.includes(value) ? undefined : expected);
}

/** [from, to] with from <= to, both within the limits. */
export function range(limits: NumberLimits = {}): Check {
  const expected = `[from, to] with from <= to, each ${describe('a finite number', limits)}`;
  return (value) => {
    const [from, to] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : [];
    const fine = [from, to].every(
      (end) => typeof end === 'number' && Number.isFinite(end) && within(end, limits),
    );
    return fine && (from as number) <= (to as number) ? undefined : expected;
  };
}

/** Option checks that throw the error of one package. */
export interface OptionChecks {
  /** Throws unless the value passes; returns it. `where` is the function: 'elastic'. */
  require<T>(where: string, name: string, value: T, check: Check): T;
  /** Throws unless `options` is an object whose keys are all known: a misspelt option is never ignored. */
  refuseUnknown(where: string, options: unknown, known: readonly string[]): void;
  /**
   * The options with the defaults filled in; undefined counts as absent. Throws on an unknown name and on a value that
   * does not pass its check. Options without a default have an entry in `checks` alone: `required` or may be absent.
   */
  complete<T extends object>(
    where: string,
    given: object | undefined,
    defaults: Partial<T>,
    checks?: Readonly<Record<string, Check>>,
  ): T;
}

/** @param fail makes the package's own error, of its code for a wrong option */
export function optionChecks(fail: (message: string) => Error): OptionChecks {
  const require = <T>(where: string, name: string, value: T, check: Check): T => {
    const expected = check(value);
    if (expected === undefined) return value;
    throw fail(`${where}: ${name} is ${show(value)}; expected ${expected}.`);
  };
  const refuseUnknown = (where: string, options: unknown, known: readonly string[]): void => {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw fail(`${where}: the options are ${show(options)}; expected an object.`);
    }
    const unknown = Object.keys(options).filter((name) => !known.includes(name));
    if (unknown.length === 0) return;
    const takes = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
    throw fail(`${where}: unknown option ${unknown.map(show).join(', ')}; ${takes}.`);
  };
  return {
    require,
    refuseUnknown,
    complete<T extends object>(
      where: string,
      given: object | undefined,
      defaults: Partial<T>,
      checks: Readonly<Record<string, Check>> = {},
    ): T {
      const names = [...new Set([...Object.keys(defaults), ...Object.keys(checks)])];
      if (given !== undefined) refuseUnknown(where, given, names);
      const present = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
      const result: Record<string, unknown> = { ...defaults, ...Object.fromEntries(present) };
      for (const [name, check] of Object.entries(checks)) {
        if (result[name] !== undefined || check.required) require(where, name, result[name], check);
      }
      return result as T;
    },
  };
}

/** A value as it stands in a message: short, on one line, without control characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') return shorten(JSON.stringify(value));
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  let json: string | undefined;
  try {
    json = Array.isArray(value) ? `[${value.slice(0, 40).map(show).join(', ')}]` : JSON.stringify(value);
  } catch {
    // Circular, or a getter that throws: its class says enough.
  }
  return json === undefined ? `of class ${value.constructor?.name ?? 'Object'}` : shorten(json);
}

function shorten(shown: string): string {
  return shown.length > 120 ? `${shown.slice(0, 117)}...` : shown;
}

function within(value: number, { min, max, above, below }: NumberLimits): boolean {
  return (
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  );
}

function describe(what: string, { min, max, above, below }: NumberLimits): string {
  if (min !== undefined && max !== undefined) return `${what} from ${min} to ${max}`;
  const limits = [
    min !== undefined && `at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter(Boolean);
  return [what, limits.join(' and ')].filter(Boolean).join(', ');
}
