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
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new Error(
    `${path === null ? 'has' : `at "${path}" has`} ${issue.received}; expected ${issue.expected}`,
  );
}

/** Any value that came out of JSON.parse. */
export const anyJson = v.unknown();
export const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
export const uint32 = v.pipe(wholeNumber, v.maxValue(0xffff_ffff));
export const isoTime = v.pipe(v.string(), v.isoTimestamp());
export const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
export const recipeIdentity = v.strictObject({ name: v.string(), version: v.string() });
