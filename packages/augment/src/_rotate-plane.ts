import { type Plane, setPlaneSize } from './_plane.js';
import { type ResizeScratch, resizePlane } from './_resize-plane.js';
import { createRotation, fillRotationPoints, type Rotation } from './_rotation.js';
import { growSamplePoints, type SamplePoints, samplePoints } from './_sample-points.js';

/**
 * Working memory of `rotatePlane`, most of it shared with the steps before, and the geometry of the angles met so far
 * (whole degrees only: others would pile up).
 */
export class RotateScratch {
  readonly #rotations = new Map<number, Rotation>();
  #height = 0;
  #width = 0;

  constructor(
    readonly box: Plane,
    readonly points: SamplePoints,
    readonly resize: ResizeScratch,
  ) {}

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
 * Rotates a plane counter-clockwise in place, cuts the inner box and resizes it back to the old size. Only the pixels
 * of the box are sampled: Pillow computes the whole canvas and Augmentor throws the rest away. Returns false, and does
 * nothing, when nothing is left of the box.
 */
export function rotatePlane(
  plane: Plane,
  degrees: number,
  eightBit: boolean,
  scratch: RotateScratch,
): boolean {
  if (degrees === 0) return true;
  const { height, width } = plane;
  const rotation = scratch.rotation(height, width, degrees);
  if (rotation.boxHeight < 1 || rotation.boxWidth < 1) return false;
  const box = setPlaneSize(scratch.box, rotation.boxHeight, rotation.boxWidth);
  growSamplePoints(scratch.points, rotation.boxHeight * rotation.boxWidth);
  fillRotationPoints(scratch.points, rotation, height, width);
  samplePoints(plane, scratch.points, box, eightBit);
  resizePlane(box, plane, eightBit, scratch.resize);
  return true;
}
