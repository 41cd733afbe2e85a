/** How far float32 arithmetic may stray from the float64 reference. */
export interface ConformanceTolerance {
  /** Logits, losses and gradients, relative to the largest element. Default 1e-4. */
  readonly relative: number;
  /** Parameters, moments and running statistics after three steps. Default 1e-4. */
  readonly absolute: number;
}
