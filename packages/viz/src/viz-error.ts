/**
 * - `INVALID_OPTION`: an option is unknown, missing, of the wrong type or out of range.
 * - `INVALID_DATA`: an array has the wrong shape or length, or a value that cannot be drawn.
 * - `NO_DATA`: there is nothing to draw.
 * - `NO_CANVAS`: this place cannot draw a PNG.
 */
export type VizErrorCode = 'INVALID_OPTION' | 'INVALID_DATA' | 'NO_DATA' | 'NO_CANVAS';

/** Every error that this package throws on purpose. `code` is stable; the text names the value, the expectation and the remedy. */
export class VizError extends Error {
  override readonly name = 'VizError';
  readonly code: VizErrorCode;

  constructor(code: VizErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
