import type { ChartPoint } from './_chart-model.js';
import { VizError } from './viz-error.js';

/** Numbers in any list-like form: an array, a typed array. */
export type NumberList = ArrayLike<number>;

/** Copies to plain numbers and checks that they are numbers; NaN and infinities pass, to become gaps. */
export function readNumbers(what: string, list: unknown): number[] {
  const length = (list as NumberList | undefined)?.length;
  if (typeof list === 'string' || list === null || typeof list !== 'object' || !Number.isInteger(length)) {
    throw new VizError('INVALID_DATA', `${what} is ${String(list)}; expected an array of numbers.`);
  }
  const numbers = Array.from(list as NumberList);
  const wrong = numbers.findIndex((value) => typeof value !== 'number');
  if (wrong >= 0) {
    throw new VizError('INVALID_DATA', `${what}[${wrong}] is ${String(numbers[wrong])}; expected a number.`);
  }
  return numbers;
}

/** Two lists of one length, as points; x must be finite. */
export function readPoints(
  what: string,
  xName: string,
  xs: unknown,
  yName: string,
  ys: unknown,
): ChartPoint[] {
  const x = readNumbers(`${what}.${xName}`, xs);
  const y = readNumbers(`${what}.${yName}`, ys);
  if (x.length !== y.length) {
    throw new VizError(
      'INVALID_DATA',
      `${what} has ${x.length} ${xName} and ${y.length} ${yName}; expected as many of each.`,
    );
  }
  const wrong = x.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new VizError(
      'INVALID_DATA',
      `${what}.${xName}[${wrong}] is ${x[wrong]}; expected a finite number.`,
    );
  }
  return x.map((value, index) => ({ x: value, y: y[index]! }));
}

/** Throws when no value can be drawn. */
export function requireFinite(what: string, values: readonly number[], positive = false): number[] {
  const finite = values.filter((value) => Number.isFinite(value) && (!positive || value > 0));
  if (finite.length === 0) {
    const wanted = positive ? 'finite value above 0' : 'finite value';
    throw new VizError(
      'NO_DATA',
      values.length === 0
        ? `${what} is empty; there is nothing to draw.`
        : `${what} has no ${wanted} among ${values.length}.`,
    );
  }
  return finite;
}

/** Least and greatest, without the argument limit of Math.min. */
export function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Says what was left out, after the author's own note. `what`: singular and plural. */
export function noteGaps(
  note: string | undefined,
  gaps: number,
  [one, many]: readonly [one: string, many: string],
): string | undefined {
  if (gaps === 0) return note;
  const left =
    gaps === 1 ? `1 ${one} could not be drawn` : `${gaps.toLocaleString('en-US')} ${many} could not be drawn`;
  const sentence = `${left}: not finite, or not above 0 on a log axis.`;
  return note === undefined || note === '' ? sentence : `${note} ${sentence}`;
}
