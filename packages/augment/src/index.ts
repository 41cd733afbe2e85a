export { AugmentError } from './augment-error.js';
export { crop } from './crop.js';
export { distortMesh } from './distort-mesh.js';
export { evaluationPipeline } from './evaluation-pipeline.js';
export { normalize } from './normalize.js';
export { resizeBicubic } from './resize-bicubic.js';
export { rotateAndFill } from './rotate-and-fill.js';
export { trainingPipeline } from './training-pipeline.js';
