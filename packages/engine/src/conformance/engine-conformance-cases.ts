import type { Engine } from '../engine.js';
import { batchCases } from './_batch-cases.js';
import { gradientCases } from './_gradient-cases.js';
import { groupCases } from './_group-cases.js';
import { misuseCases } from './_misuse-cases.js';
import { optimizerCases } from './_optimizer-cases.js';
import { predictionCases } from './_prediction-cases.js';
import { stateCases } from './_state-cases.js';
import type { ConformanceCase } from './conformance-case.js';
import type { ConformanceTolerance } from './conformance-tolerance.js';

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
    ...batchCases(engine, tolerance),
    ...stateCases(engine, tolerance),
    ...groupCases(engine, tolerance),
    ...misuseCases(engine),
  ];
}
