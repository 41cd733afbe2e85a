import { PopulationError } from './population-error.js';
import type { JsonValue } from './recipe.js';

/**
 * A copy of `value` in which undefined members are dropped.
 * @throws PopulationError when JSON would lose something: NaN, a function, a Date, a typed array, ...
 */
export function toJsonValue(
  value: unknown,
  path: string,
  code: 'INVALID_OPTION' | 'INVALID_RESULT',
): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item, i) => toJsonValue(item, `${path}[${i}]`, code));
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([key, member]) => [key, toJsonValue(member, `${path}.${key}`, code)]),
    );
  }
  const found =
    typeof value === 'object' ? (value?.constructor?.name ?? 'object') : `${typeof value} ${String(value)}`;
  throw new PopulationError(
    code,
    `${path} is ${found}, which JSON cannot hold; use finite numbers, strings, booleans, null, lists and plain objects.`,
  );
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value as Record<string, JsonValue>)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** One line a difference, such as `config.epochs: the folder has 3, given 5`. */
export function describeDifferences(
  stored: JsonValue | undefined,
  given: JsonValue | undefined,
  path: string,
): string[] {
  if (isObject(stored) && isObject(given)) {
    return [...new Set([...Object.keys(stored), ...Object.keys(given)])].flatMap((key) =>
      describeDifferences(memberOf(stored, key), memberOf(given, key), `${path}.${key}`),
    );
  }
  const [a, b] = [stored, given].map((value) => (value === undefined ? 'nothing' : canonicalJson(value)));
  return a === b ? [] : [`${path}: the folder has ${a}, given ${b}`];
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A config may have a member called `constructor`; an object has one even where the config has none. */
function memberOf(object: Record<string, JsonValue>, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
