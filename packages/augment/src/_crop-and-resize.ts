import type { NdArray } from 'ndarray';
import { cropPlane } from './_crop-plane.js';
import { createPlane, isEightBit, type Plane, readImage, resizePlaneMemory } from './_plane.js';
import { ResizeScratch, resizePlane } from './_resize-plane.js';
import { AugmentError } from './augment-error.js';

/** Cuts `margin` pixels off height and width and resizes what is left to the size of `target`; owns the memory for it. */
export function createCropAndResize(where: string, margin: number) {
  const source = createPlane(1, 1);
  const cropped = createPlane(1, 1);
  const scratch = new ResizeScratch();
  return (image: NdArray<Uint8Array | Float32Array>, target: Plane, left: number, top: number): void => {
    readImage(image, source);
    if (source.height <= margin || source.width <= margin) {
      throw new AugmentError(
        'INVALID_IMAGE',
        `${where} got an image of ${source.height} x ${source.width}, expected one larger than the margin that it cuts off (${margin}).`,
      );
    }
    resizePlaneMemory(cropped, source.height - margin, source.width - margin);
    cropPlane(source, cropped, left, top);
    resizePlane(cropped, target, isEightBit(image), scratch);
  };
}
