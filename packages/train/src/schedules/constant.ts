import { checkNumber } from '../_check-options.js';
import type { Schedule } from './schedule.js';

/** The same value at every step. */
export function constant(value: number): Schedule {
  checkNumber('constant: value', value);
  return () => value;
}
