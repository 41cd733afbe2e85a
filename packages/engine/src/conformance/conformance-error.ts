/** An engine broke the contract. `measured` and `limit` hold the figures where the check is numeric. */
export class ConformanceError extends Error {
  readonly code = 'ENGINE_NOT_CONFORMANT';
  override readonly name = 'ConformanceError';
  readonly measured: number | undefined;
  readonly limit: number | undefined;

  constructor(message: string, figures: { readonly measured?: number; readonly limit?: number } = {}) {
    super(message);
    this.measured = figures.measured;
    this.limit = figures.limit;
  }
}
