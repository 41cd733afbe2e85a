import type { NdArray } from 'ndarray';
import { createPlane, isEightBit, type Plane, readImage, viewPlane } from './_plane.js';
import { ResizeScratch, resizePlane } from './_resize-plane.js';
import { AugmentError } from './augment-error.js';

/** Cuts `margin` pixels off height and width and resizes what is left to the size of `target`; owns the memory for it. */
export function createCropAndResize(where: string, margin: number) {
  const source = createPlane();
  const cropped = createPlane();
  const scratch = new ResizeScratch();
  return (image: NdArray<Uint8Array | Float32Array>, target: Plane, left: number, top: number): void => {
    readImage(image, source);
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
