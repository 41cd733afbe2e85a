export type { Box, Mask, Plane } from './_plane.js';
export type { ExplainedStep } from './explain-digit.js';
export { explainDigit } from './explain-digit.js';
export type { Candidate, Candidates } from './find-candidates.js';
export { findCandidates } from './find-candidates.js';
export type { FindOptions, FoundInk } from './find-ink.js';
export { findInk } from './find-ink.js';
export type { HandwritingErrorCode } from './handwriting-error.js';
export { HandwritingError } from './handwriting-error.js';
export type { Normalisation } from './normalise-digit.js';
export { normalisations, normaliseDigit } from './normalise-digit.js';
export type { Picture } from './picture.js';
export type {
  HandwritingWarning,
  PreparedDigit,
  PreparedDigits,
} from './prepare-digit.js';
export { prepareDigit, prepareDigits } from './prepare-digit.js';
export type { PrepareOptions } from './prepare-options.js';
export { prepareDefaults } from './prepare-options.js';
export type { Light } from './read-light.js';
export { readLight } from './read-light.js';
export { removeLines } from './remove-lines.js';
export type { Ink, Polarity } from './subtract-paper.js';
export { subtractPaper } from './subtract-paper.js';
export { thresholdInk } from './threshold-ink.js';
