import { copyPlane, createPlane, type Plane, setPlaneSize } from './_plane.js';
import { ResizeScratch, resizePlane } from './_resize-plane.js';
import { createRotation, fillRotationPoints, type Rotation } from './_rotation.js';
import { createSamplePoints, growSamplePoints, samplePoints } from './_sample-points.js';

/** Working memory of `rotatePlane`, and the geometry of the angles met so far (whole degrees only: others would pile up). */
export class RotateScratch {
  readonly box: Plane = createPlane();
  readonly points = createSamplePoints(1);
  readonly resize = new ResizeScratch();
  readonly #rotations = new Map<number, Rotation>();
  #height = 0;
  #width = 0;

  rotation(height: number, width: number, degrees: number): Rotation {
    if (height !== this.#height || width !== this.#width) {
      this.#rotations.clear();
      this.#height = height;
      this.#width = width;
    }
    let rotation = this.#rotations.get(degrees);
    if (rotation === undefined) {
      rotation = createRotation(height, width, degrees);
      if (Number.isInteger(degrees)) this.#rotations.set(degrees, rotation);
    }
    return rotation;
  }
}

/**
 * Rotates counter-clockwise, cuts the inner box and resizes it back to `target`'s size. Only the pixels of the box are
 * sampled: Pillow computes the whole canvas and Augmentor throws the rest away. Returns false, and does nothing, when
 * nothing is left of the box.
 */
export function rotatePlane(
  source: Plane,
  target: Plane,
  degrees: number,
  eightBit: boolean,
  scratch: RotateScratch,
): boolean {
  if (degrees === 0) {
    copyPlane(source, target);
    return true;
  }
  const rotation = scratch.rotation(source.height, source.width, degrees);
  if (rotation.boxHeight < 1 || rotation.boxWidth < 1) return false;
  const box = setPlaneSize(scratch.box, rotation.boxHeight, rotation.boxWidth);
  growSamplePoints(scratch.points, rotation.boxHeight * rotation.boxWidth);
  fillRotationPoints(scratch.points, rotation);
  samplePoints(source, scratch.points, box, eightBit);
  resizePlane(box, target, eightBit, scratch.resize);
  return true;
}
