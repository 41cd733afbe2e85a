export type {
  Batch,
  BatchPlan,
  BatchSource,
  DrawKey,
  ImageDataset,
  ImageTransform,
  Split,
} from '@mnist/dataset';
export type { ProbabilityOption } from './_define-transform.js';
export type { Span } from './_options.js';
export type { Border } from './_warp-source.js';
export type { AugmentErrorCode } from './augment-error.js';
export { AugmentError } from './augment-error.js';
export type { CentreCropOptions } from './centre-crop.js';
export { centreCrop, centreCropDefaults } from './centre-crop.js';
export { compose } from './compose.js';
export type { CropOptions } from './crop.js';
export { crop } from './crop.js';
export type { DistortMeshOptions } from './distort-mesh.js';
export { distortMesh } from './distort-mesh.js';
export type { ElasticOptions } from './elastic.js';
export { elastic, elasticDefaults } from './elastic.js';
export type { EraseOptions } from './erase.js';
export { erase, eraseDefaults } from './erase.js';
export type { EvaluationPipelineOptions } from './evaluation-pipeline.js';
export { evaluationPipeline, evaluationPipelineDefaults } from './evaluation-pipeline.js';
export { fusedEvaluationPipeline } from './fused-evaluation-pipeline.js';
export type { FusedPipelineOptions } from './fused-pipeline.js';
export { fusedPipeline, fusedPipelineDefaults } from './fused-pipeline.js';
export { normalize } from './normalize.js';
export type { LoaderPlan, ParallelLoader, ParallelLoaderOptions } from './parallel-loader.js';
export { parallelLoader } from './parallel-loader.js';
export type { RandomCropOptions } from './random-crop.js';
export { randomCrop, randomCropDefaults } from './random-crop.js';
export { resizeBicubic } from './resize-bicubic.js';
export type { RotateOptions } from './rotate.js';
export { rotate, rotateDefaults } from './rotate.js';
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
export type { ShearOptions } from './shear.js';
export { shear, shearDefaults } from './shear.js';
export type { ShiftOptions } from './shift.js';
export { shift, shiftDefaults } from './shift.js';
export type { ThicknessOptions } from './thickness.js';
export { thickness, thicknessDefaults } from './thickness.js';
export type { TrainingPipelineOptions } from './training-pipeline.js';
export { trainingPipeline, trainingPipelineDefaults } from './training-pipeline.js';
export { transformFromSpec } from './transform-from-spec.js';
export type { ZoomOptions } from './zoom.js';
export { zoom, zoomDefaults } from './zoom.js';
