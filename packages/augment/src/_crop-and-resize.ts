import type { NdArray } from 'ndarray';
import { findContent } from './_find-content.js';
import { createPlane, isEightBit, type Plane, readImage, viewPlane } from './_plane.js';
import { ResizeScratch, resizePlane } from './_resize-plane.js';
import { AugmentError } from './augment-error.js';

/**
 * Makes a function that cuts `margin` pixels off height and width and resizes what is left to the size of `target`.
 * It reads the image into `source` and leaves it there.
 */
export function createCropAndResize(
  where: string,
  margin: number,
  source: Plane = createPlane(),
  scratch: ResizeScratch = new ResizeScratch(),
) {
  const cropped = createPlane();
  return (image: NdArray<Uint8Array | Float32Array>, target: Plane, left: number, top: number): void => {
    findContent(readImage(image, source), 0);
    if (source.height <= margin || source.width <= margin) {
      throw new AugmentError(
        'INVALID_IMAGE',
        `${where} got an image of ${source.height} x ${source.width}, expected one larger than the margin that it cuts off (${margin}).`,
      );
    }
    viewPlane(source, cropped, left, top, source.height - margin, source.width - margin);
    resizePlane(cropped, target, isEightBit(image), scratch);
  };
}
