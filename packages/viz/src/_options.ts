import { anything, number, optionChecks } from '@mnist/kit';
import type { FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

/** What fails is a VizError `INVALID_OPTION`. */
export const check = optionChecks((message) => new VizError('INVALID_OPTION', message));

const words = (value: unknown) => (typeof value === 'string' ? undefined : 'a string');

/** The options that every figure has; `known` are a function's own, which it checks itself. */
export function checkFigureOptions(where: string, options: FigureOptions, known: readonly string[]): void {
  check.refuseUnknown(where, options, [...known, 'title', 'subtitle', 'note', 'width']);
  const own = Object.fromEntries(known.map((name) => [name, anything]));
  check.complete(
    where,
    options,
    {},
    { ...own, title: words, subtitle: words, note: words, width: number({ min: 240, max: 2000 }) },
  );
}
