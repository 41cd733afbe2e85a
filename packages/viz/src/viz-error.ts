/**
 * - `invalid-option`: an option is unknown, missing, of the wrong type or out of range.
 * - `invalid-data`: an array has the wrong shape or length, or a value that cannot be drawn.
 * - `no-data`: there is nothing to draw.
 */
export type VizErrorCode = 'invalid-option' | 'invalid-data' | 'no-data';

/** Every error that this package throws on purpose. `code` is stable; the text names the value, the expectation and the remedy. */
export class VizError extends Error {
  override readonly name = 'VizError';
  readonly code: VizErrorCode;

  constructor(code: VizErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
