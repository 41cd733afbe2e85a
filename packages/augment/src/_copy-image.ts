import type { NdArray } from 'ndarray';
import { findContent } from './_find-content.js';
import {
  checkTransformArguments,
  createPlane,
  isEightBit,
  readImage,
  setPlaneSize,
  writeImage,
} from './_plane.js';
import { ResizeScratch, resizePlane } from './_resize-plane.js';

const source = createPlane();
const target = createPlane();
const scratch = new ResizeScratch();

/** The image as it is; where `out` has another size, resized bicubically. */
export function copyImage(image: NdArray<Uint8Array | Float32Array>, out: NdArray<Float32Array>): void {
  checkTransformArguments(image, out);
  findContent(readImage(image, source), 0);
  const [height, width] = out.shape as [number, number];
  if (source.height === height && source.width === width) writeImage(source, out);
  else {
    resizePlane(source, setPlaneSize(target, height, width), isEightBit(image), scratch);
    writeImage(target, out);
  }
}
