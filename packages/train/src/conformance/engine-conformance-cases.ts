import type { Engine } from '../engine.js';
import { gradientCases } from './_gradient-cases.js';
import { misuseCases } from './_misuse-cases.js';
import { optimizerCases } from './_optimizer-cases.js';
import { predictionCases } from './_prediction-cases.js';
import { stateCases } from './_state-cases.js';
import type { ConformanceCase } from './conformance-case.js';

/** How far float32 arithmetic may stray from the float64 reference. */
export interface ConformanceTolerance {
  /** Logits, losses and gradients, relative to the largest element. Default 1e-4. */
  readonly relative: number;
  /** Parameters, moments and running statistics after three steps. Default 1e-4. */
  readonly absolute: number;
}

export interface ConformanceOptions {
  readonly tolerance?: Partial<ConformanceTolerance>;
}

/**
 * Everything that the `Engine` contract promises, as cases for any test runner. The nets are tiny: the whole suite takes
 * seconds. A TensorFlow.js backend must be registered (import `@tensorflow/tfjs-backend-cpu`), because the nets are
 * LayersModels. Pixels, weights and labels are seeded.
 */
export function engineConformanceCases(engine: Engine, options: ConformanceOptions = {}): ConformanceCase[] {
  const tolerance = { relative: 1e-4, absolute: 1e-4, ...options.tolerance };
  return [
    ...predictionCases(engine, tolerance),
    ...gradientCases(engine, tolerance),
    ...optimizerCases(engine, tolerance),
    ...stateCases(engine, tolerance),
    ...misuseCases(engine),
  ];
}
