import { number } from '@mnist/kit';
import { check } from '../_options.js';
import type { Schedule } from './schedule.js';

/** The same value at every step. */
export function constant(value: number): Schedule {
  check.require('constant', 'value', value, number());
  return () => value;
}
