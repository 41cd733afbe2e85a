import type { DrawKey } from '@mnist/dataset';
import { integer } from '@mnist/kit';
import { createCropAndResize } from './_crop-and-resize.js';
import { attach, drawUniform, namedSpec, toInteger } from './_define-transform.js';
import { fillMeshPoints } from './_mesh-points.js';
import { checkTransformArguments, createPlane, isEightBit, setPlaneSize } from './_plane.js';
import { ResizeScratch } from './_resize-plane.js';
import { RotateScratch, rotatePlane } from './_rotate-plane.js';
import { createSamplePoints, growSamplePoints, samplePoints } from './_sample-points.js';
import { writeStandardised } from './_standardise.js';
import { AugmentError, check } from './augment-error.js';
import type { SeededTransform } from './seeded-transform.js';

export interface TrainingPipelineOptions {
  /** How many pixels of height and width the random crop takes away. Default 3: 25 x 25 out of 28 x 28. */
  cropMargin?: number;
  /** Tiles of the distortion mesh in each direction. Default 4. */
  tiles?: number;
  /** Inner vertices move by whole pixels from -magnitude to magnitude in x and in y. Default 1. */
  magnitude?: number;
  /** Largest rotation to either side, in whole degrees. Default 10. */
  maxDegrees?: number;
}

export const trainingPipelineDefaults = {
  cropMargin: 3,
  tiles: 4,
  magnitude: 1,
  maxDegrees: 10,
} as const satisfies Required<TrainingPipelineOptions>;

/**
 * The augmentation of the 'MNIST 99.82 %' experiment, step by step as Augmentor does it on Pillow, every step rounded
 * to 8 bits: random crop, bicubic resize to the size of `out`, mesh distortion, rotation with the frame filled again,
 * then mean 0 and standard deviation 1. A float32 image goes through the same steps without rounding.
 *
 * Draws, in this order: left, top, (dx, dy) of each inner vertex row by row, the coin between left and right,
 * the angle. Left turns are uniform in -maxDegrees..0 and right turns in 0..maxDegrees, so that 0 is twice as likely.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function trainingPipeline(options?: TrainingPipelineOptions): SeededTransform {
  const where = 'trainingPipeline';
  const complete = check.complete<Required<TrainingPipelineOptions>>(
    where,
    options,
    trainingPipelineDefaults,
    {
      cropMargin: integer({ min: 0, max: 1024 }),
      tiles: integer({ min: 1, max: 64 }),
      magnitude: integer({ min: 0, max: 1024 }),
      maxDegrees: integer({ min: 0, max: 25 }),
    },
  );
  const { cropMargin, tiles, magnitude, maxDegrees } = complete;
  const shiftCount = 2 * (tiles - 1) * (tiles - 1);
  const uniforms = new Float64Array(shiftCount + 4);
  /** left, top, shifts ..., degrees */
  const drawn = new Float64Array(shiftCount + 3);
  const draw = (key: DrawKey): void => {
    drawUniform(uniforms, uniforms.length, key);
    drawn[0] = toInteger(uniforms[0]!, 0, cropMargin);
    drawn[1] = toInteger(uniforms[1]!, 0, cropMargin);
    for (let i = 0; i < shiftCount; i++) drawn[2 + i] = toInteger(uniforms[2 + i]!, -magnitude, magnitude);
    const turnsLeft = uniforms[shiftCount + 2]! < 0.5;
    const angle = uniforms[shiftCount + 3]!;
    drawn[shiftCount + 2] = turnsLeft ? toInteger(angle, -maxDegrees, 0) : toInteger(angle, 0, maxDegrees);
  };

  // Two planes take turns.
  const plane = createPlane();
  const other = createPlane();
  const points = createSamplePoints(1);
  const resizeScratch = new ResizeScratch();
  const cropAndResize = createCropAndResize(where, cropMargin, plane, resizeScratch);
  const rotateScratch = new RotateScratch(other, points, resizeScratch);

  return attach(
    (image, out, key) => {
      checkTransformArguments(image, out);
      draw(key);
      const eightBit = isEightBit(image);
      const height = out.shape[0]!;
      const width = out.shape[1]!;
      if (height < tiles || width < tiles) {
        throw new AugmentError(
          'INVALID_IMAGE',
          `${where}: out is ${height} x ${width}, expected at least one pixel for each of the ${tiles} x ${tiles} tiles.`,
        );
      }
      growSamplePoints(points, height * width);
      // `| 0`: whole numbers pass between functions without memory of their own, doubles do not.
      cropAndResize(image, setPlaneSize(other, height, width), drawn[0]! | 0, drawn[1]! | 0);
      fillMeshPoints(points, height, width, tiles, tiles, drawn, 2);
      samplePoints(other, points, setPlaneSize(plane, height, width), eightBit);
      const degrees = drawn[shiftCount + 2]! | 0;
      if (!rotatePlane(plane, degrees, eightBit, rotateScratch)) {
        throw new AugmentError(
          'INVALID_IMAGE',
          `${where}: nothing is left of a ${height} x ${width} image turned by ${degrees} degrees. Lower maxDegrees.`,
        );
      }
      writeStandardised(plane, out);
    },
    namedSpec(where, complete),
    (key) => {
      draw(key);
      return {
        left: drawn[0]!,
        top: drawn[1]!,
        shifts: [...drawn.subarray(2, 2 + shiftCount)],
        degrees: drawn[shiftCount + 2]!,
      };
    },
  );
}
