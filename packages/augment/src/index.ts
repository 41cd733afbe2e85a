export type { AugmentErrorCode } from './augment-error.js';
export { AugmentError } from './augment-error.js';
export { compose } from './compose.js';
export type { CropOptions } from './crop.js';
export { crop } from './crop.js';
export type { DistortMeshOptions } from './distort-mesh.js';
export { distortMesh } from './distort-mesh.js';
export type { EvaluationPipelineOptions } from './evaluation-pipeline.js';
export { evaluationPipeline, evaluationPipelineDefaults } from './evaluation-pipeline.js';
export { fusedEvaluationPipeline } from './fused-evaluation-pipeline.js';
export type { FusedPipelineOptions } from './fused-pipeline.js';
export { fusedPipeline, fusedPipelineDefaults } from './fused-pipeline.js';
export { normalize } from './normalize.js';
export type { LoaderPlan, ParallelLoader, ParallelLoaderOptions } from './parallel-loader.js';
export { parallelLoader } from './parallel-loader.js';
export { resizeBicubic } from './resize-bicubic.js';
export type { RotateAndFillOptions } from './rotate-and-fill.js';
export { rotateAndFill } from './rotate-and-fill.js';
export type {
  ComposedTransformSpec,
  DrawnParameters,
  ModuleTransformSpec,
  NamedTransformSpec,
  SeededTransform,
  TransformSpec,
} from './seeded-transform.js';
export type { TrainingPipelineOptions } from './training-pipeline.js';
export { trainingPipeline, trainingPipelineDefaults } from './training-pipeline.js';
export { transformFromSpec } from './transform-from-spec.js';
