import { HandwritingError } from './handwriting-error.js';
import { type Normalisation, normalisations } from './normalise-digit.js';
import { type PrepareOptions, prepareDefaults } from './prepare-options.js';
import type { Polarity } from './subtract-paper.js';

export interface ReadOptions {
  readonly normalisation: Normalisation;
  readonly ink: Polarity | undefined;
}

/** @throws HandwritingError INVALID_OPTION */
export function readOptions(caller: string, options: PrepareOptions): ReadOptions {
  const unknown = Object.keys(options).find((key) => !(key in prepareDefaults));
  if (unknown)
    throw new HandwritingError(
      'INVALID_OPTION',
      `${caller}: unknown option '${unknown}'. Expected: ${Object.keys(prepareDefaults).join(', ')}.`,
    );
  const { ink } = options;
  if (ink !== undefined && ink !== 'dark' && ink !== 'light')
    throw new HandwritingError(
      'INVALID_OPTION',
      `${caller}: ink is ${JSON.stringify(ink)}; expected 'dark' or 'light', or leave it out where it is not known.`,
    );
  return { normalisation: readNormalisation(caller, options), ink };
}

function readNormalisation(caller: string, options: PrepareOptions): Normalisation {
  const given = options.normalisation ?? prepareDefaults.normalisation;
  if (typeof given === 'string') {
    const named = Object.hasOwn(normalisations, given) ? normalisations[given] : undefined;
    if (named) return named;
    throw new HandwritingError(
      'INVALID_OPTION',
      `${caller}: unknown normalisation '${given}'. Expected ${Object.keys(normalisations).join(', ')}, or { side, box, centre }.`,
    );
  }
  const { side, box, centre, strokeWidth } = given;
  const sound =
    Number.isInteger(side) &&
    side >= 8 &&
    side <= 512 &&
    box >= 4 &&
    box <= side &&
    (centre === 'mass' || centre === 'box') &&
    (strokeWidth === undefined ||
      (strokeWidth[0] > 0 && strokeWidth[0] <= strokeWidth[1] && strokeWidth[1] < box / 2));
  if (!sound)
    throw new HandwritingError(
      'INVALID_OPTION',
      `${caller}: normalisation ${JSON.stringify(given)}; expected side 8 to 512, box 4 to side, centre 'mass' or 'box', strokeWidth [least, most] below half the box. { side: 28, box: 20, centre: 'mass' } is MNIST's.`,
    );
  return given;
}
