import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

/** Reads and checks a JSON file. Throws a plain Error that says what is wrong; callers name the file and the remedy. */
export async function readJsonFile<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  return parseJson(await readFile(path, 'utf8'), schema);
}

export function parseJson<Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`is not JSON (${text.length} characters): ${(error as Error).message}`);
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new Error(issueText(result.issues[0]));
}

/** What the first issue of a schema says, such as `at "count" has "1"; expected number`. */
export function issueText(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const where = path === null ? 'has' : `at "${path}" has`;
  return issue.expected === null
    ? `${where} ${issue.message}`
    : `${where} ${issue.received}; expected ${issue.expected}`;
}

/**
 * valibot's strictObject, except that it knows its own names only: `in` would find `constructor` and `toString` in any
 * object, so that a field of such a name would go unnoticed.
 */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, undefined> {
  return v.strictObject(Object.assign(Object.create(null), entries) as Entries);
}

/** An object as a Map: every name is kept, `__proto__` and `constructor` included, which valibot's record drops. */
export function mapOf<Key extends v.GenericSchema<string, string>, Value extends v.GenericSchema>(
  key: Key,
  value: Value,
) {
  return v.pipe(
    v.custom<Record<string, unknown>>(
      (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
      'something else than an object',
    ),
    v.transform((object) => new Map(Object.entries(object))),
    v.map(key, value),
  );
}

/** Any value that came out of JSON.parse. */
export const anyJson = v.unknown();
export const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** JSON.parse makes Infinity of 1e999. */
export const finiteNumber = v.pipe(v.number(), v.finite());
export const uint32 = v.pipe(wholeNumber, v.maxValue(0xffff_ffff));
export const isoTime = v.pipe(v.string(), v.isoTimestamp());
export const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
export const recipeIdentity = strictObject({ name: v.string(), version: v.string() });
/** environment.json: any JSON object. */
export const environmentSchema = v.looseObject({});
