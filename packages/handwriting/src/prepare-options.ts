import type { Normalisation, normalisations } from './normalise-digit.js';

export interface PrepareOptions {
  /** The form of the data set whose nets will read the digit: a name, or your own. Default `mnist`. */
  readonly normalisation?: keyof typeof normalisations | Normalisation;
}

export const prepareDefaults = { normalisation: 'mnist' } as const satisfies PrepareOptions;
