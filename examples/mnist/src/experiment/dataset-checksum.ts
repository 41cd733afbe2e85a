import { createHash } from 'node:crypto';
import type { ImageDataset } from '@mnist/dataset';
import { sizeOf } from '@mnist/kit';

/** SHA-256 of the pixels and then the labels, one byte each, in their order. */
export function datasetChecksum({ images, labels }: ImageDataset): string {
  const pixels = sizeOf(images.shape);
  return createHash('sha256')
    .update(images.data.subarray(images.offset, images.offset + pixels))
    .update(labels.data.subarray(labels.offset, labels.offset + labels.shape[0]!))
    .digest('hex');
}
