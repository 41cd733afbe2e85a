import type { FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

const FIGURE_OPTIONS = ['title', 'subtitle', 'note', 'width'] as const;

/** Throws on anything but an object whose keys are all in `known`. */
export function checkOptions(caller: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = Array.isArray(options) ? 'an array' : String(options);
    throw new VizError('INVALID_OPTION', `${caller} takes an object of options; found ${found}.`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new VizError(
        'INVALID_OPTION',
        `${caller} has no option '${key}'; its options are ${known.join(', ')}.`,
      );
    }
  }
}

/** `checkOptions` and the four options that every figure has. */
export function checkFigureOptions(caller: string, options: FigureOptions, known: readonly string[]): void {
  checkOptions(caller, options, [...known, ...FIGURE_OPTIONS]);
  for (const key of ['title', 'subtitle', 'note'] as const) {
    const value: unknown = options[key];
    if (value !== undefined && typeof value !== 'string') {
      throw new VizError('INVALID_OPTION', `${caller}: ${key} is ${String(value)}; expected a string.`);
    }
  }
  checkRange(`${caller}: width`, options.width ?? 720, 240, 2000);
}

export function checkRange(what: string, value: unknown, low: number, high: number): void {
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    throw new VizError(
      'INVALID_OPTION',
      `${what} is ${String(value)}; expected a number from ${low} to ${high}.`,
    );
  }
}

export function checkInteger(what: string, value: unknown, low: number, high: number): void {
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
    throw new VizError(
      'INVALID_OPTION',
      `${what} is ${String(value)}; expected a whole number from ${low} to ${high}.`,
    );
  }
}

export function checkChoice(what: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) {
    const list = choices.map((choice) => `'${String(choice)}'`).join(' or ');
    throw new VizError('INVALID_OPTION', `${what} is ${JSON.stringify(value)}; expected ${list}.`);
  }
}
