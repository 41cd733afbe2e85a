import type { Normalisation, normalisations } from './normalise-digit.js';
import type { Polarity } from './subtract-paper.js';

export interface PrepareOptions {
  /** The form of the data set whose nets will read the digit: a name, or your own. Default `mnist`. */
  readonly normalisation?: keyof typeof normalisations | Normalisation;
  /** Whether the ink is darker or lighter than its paper, where that is known, as on a drawing pad: half the work. Default: both are tried. */
  readonly ink?: Polarity | undefined;
}

export const prepareDefaults = { normalisation: 'mnist', ink: undefined } as const satisfies PrepareOptions;
