/** One named check of an engine. Run it in any test runner, or in a plain loop. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects with a `ConformanceError` when the engine departs from the contract. */
  run(): Promise<void>;
}
