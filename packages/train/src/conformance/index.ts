export type { ConformanceCase } from './conformance-case.js';
export { ConformanceError } from './conformance-error.js';
export type { ConformanceOptions, ConformanceTolerance } from './engine-conformance-cases.js';
export { engineConformanceCases } from './engine-conformance-cases.js';
export type { GoldenTensor, GoldenTraining } from './golden-training.js';
export { decodeGoldenTensor } from './golden-training.js';
export type { GoldenTrainingOptions } from './golden-training-cases.js';
export { goldenTrainingCases } from './golden-training-cases.js';
export { smallGoldenNet } from './small-golden-net.js';
