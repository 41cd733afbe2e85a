import { type ErrorKind, TypedError } from '@mnist/kit';

const kinds = {
  /** An option is unknown, missing, of the wrong type or out of range. */
  INVALID_OPTION: 'input',
  /** An array has the wrong shape or length, or a value that cannot be drawn. */
  INVALID_DATA: 'input',
  /** There is nothing to draw. */
  NO_DATA: 'input',
  /** This place cannot draw a PNG. */
  NO_CANVAS: 'environment',
} as const satisfies Record<string, ErrorKind>;

/** Stable codes. */
export type VizErrorCode = keyof typeof kinds;

/** Every error that this package throws on purpose. The message names the value found, what was expected and the remedy. */
export class VizError extends TypedError<VizErrorCode> {
  override readonly name = 'VizError';

  constructor(code: VizErrorCode, message: string) {
    super(code, kinds[code], message);
  }
}
