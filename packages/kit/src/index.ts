export { deriveCounterSeed, fillUniform, philoxBlock } from './counter-stream.js';
export { formatDuration } from './duration.js';
export type { Check, NumberLimits, OptionChecks } from './options.js';
export {
  anything,
  callback,
  flag,
  integer,
  number,
  oneOf,
  optionChecks,
  range,
  required,
  seed,
  share,
  show,
  signal,
  text,
} from './options.js';
export type { RetryOptions } from './retry.js';
export { pause, retry } from './retry.js';
export type { RandomGenerator } from './seed-stream.js';
export { deriveSeed, shuffle, stream, uniform, uniformInteger } from './seed-stream.js';
export { sizeOf } from './shape.js';
export type { ErrorKind } from './typed-error.js';
export { errorKind, TypedError } from './typed-error.js';
