import { integer } from '@mnist/kit';
import ndarray from 'ndarray';
import { check } from './dataset-error.js';
import type { ImageDataset } from './image-dataset.js';

/** Images `start` ... `end - 1`. */
export interface IndexRange {
  /** Default 0. */
  readonly start?: number;
  /** Default: the number of images. */
  readonly end?: number;
}

/**
 * Some images of a set, as a set of its own: a range (a view, no copy) or a list of indices (a copy, in that order;
 * repeated indices repeat the image).
 *
 * @throws DatasetError `INVALID_OPTION` for an index outside the set
 */
export function subset(dataset: ImageDataset, selection: IndexRange | ArrayLike<number>): ImageDataset {
  const [count, height, width] = dataset.images.shape as [number, number, number];
  const pixels = height * width;
  if (!('length' in selection)) {
    const { start, end } = check.complete('subset', selection, { start: 0, end: count });
    check.require('subset', 'start', start, integer({ min: 0, max: count }));
    check.require('subset', 'end', end, integer({ min: start, max: count }));
    return {
      ...dataset,
      images: ndarray(
        dataset.images.data.subarray(
          dataset.images.offset + start * pixels,
          dataset.images.offset + end * pixels,
        ),
        [end - start, height, width],
      ),
      labels: ndarray(
        dataset.labels.data.subarray(dataset.labels.offset + start, dataset.labels.offset + end),
        [end - start],
      ),
    };
  }
  const images = new Uint8Array(selection.length * pixels);
  const labels = new Uint8Array(selection.length);
  const inside = integer({ min: 0, max: count - 1 });
  for (let i = 0; i < selection.length; i++) {
    const index = selection[i]!;
    if (inside(index)) check.require('subset', `index ${i}`, index, inside);
    const from = dataset.images.offset + index * pixels;
    images.set(dataset.images.data.subarray(from, from + pixels), i * pixels);
    labels[i] = dataset.labels.get(index);
  }
  return {
    ...dataset,
    images: ndarray(images, [labels.length, height, width]),
    labels: ndarray(labels, [labels.length]),
  };
}
