import { type Check, oneOf, range } from '@mnist/kit';

/** A largest size either way, or a range. */
export type Span = number | readonly [from: number, to: number];

/** A span within the limits, at both ends. */
export function span(low: number, high: number): Check {
  const check = range({ min: low, max: high });
  return (value) =>
    check(ends(value as Span)) &&
    `a number (the largest size either way) or [from, to], within ${low} to ${high}`;
}

/** A span as its two ends: 3 is [-3, 3]. */
export function ends(value: Span): readonly [from: number, to: number] {
  return typeof value === 'number' ? [-Math.abs(value), Math.abs(value)] : value;
}

export const borderCheck = oneOf('edge', 'zero');
