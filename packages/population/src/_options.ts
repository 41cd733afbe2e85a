import { type Check, number, optionChecks } from '@mnist/kit';
import { PopulationError } from './population-error.js';

export const options = optionChecks((message) => new PopulationError('INVALID_OPTION', message));

export const milliseconds = number({ min: 0 });
export const object: Check = (value) =>
  typeof value === 'object' && value !== null ? undefined : 'an object';
export const names: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '')
    ? undefined
    : 'a list of names, at least one';
/** What BullMQ takes, without the characters that Redis reads as a pattern. */
export const queueName: Check = (value) =>
  typeof value === 'string' && /^[\w.-]+$/.test(value) ? undefined : 'letters, digits, ., _ and -';

/**
 * Checks names and values of an options object. Undefined values count as absent.
 * @throws PopulationError `INVALID_OPTION`
 */
export function checkOptions(
  where: string,
  given: object,
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
): void {
  options.complete(where, given ?? {}, {}, { ...required, ...optional });
  for (const [name, check] of Object.entries(required)) {
    options.require(where, name, (given as Record<string, unknown>)?.[name], check);
  }
}
