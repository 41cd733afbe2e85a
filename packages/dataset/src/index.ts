export type { Batch, BatchPlan, BatchSource, DrawKey, ImageTransform } from './batch.js';
export type { ImageDataset, Split } from './image-dataset.js';
