import type { DrawKey } from '@mnist/dataset';
import { integer, number } from '@mnist/kit';
import { attach, drawUniform, namedSpec, toReal } from './_define-transform.js';
import { type FusedFrame, fillFusedField } from './_fused-field.js';
import { borderCheck } from './_options.js';
import { checkTransformArguments, createPlane, setPlaneSize } from './_plane.js';
import { writeStandardised } from './_standardise.js';
import { growWarpField, sampleWarp, type WarpField } from './_warp.js';
import { type Border, WarpSource } from './_warp-source.js';
import { check } from './augment-error.js';
import type { SeededTransform } from './seeded-transform.js';

export interface FusedPipelineOptions {
  /** Factor on `shift`, `mesh` and `degrees`; 0 leaves the centred crop alone. Default 1. */
  strength?: number;
  /** Side of the crop over the side of the image, 0 to 2 (above 1 zooms out). Default 25/28. */
  crop?: number;
  /** The crop moves by up to this many pixels from the centre, in x and in y. Default 1.94. */
  shift?: number;
  /** Tiles of the mesh in each direction. Default 4. */
  tiles?: number;
  /** Inner vertices of the mesh move by up to this many pixels in x and in y. Default 1.41. */
  mesh?: number;
  /** Largest rotation to either side, in degrees, 0 to 45. Default 10.25. */
  degrees?: number;
  /** What is seen beyond the border of the image: its nearest pixel ('edge') or 0 ('zero'). Default 'edge'. */
  border?: Border;
}

/** The ranges have the same variance as the original's whole numbers: 0..3, -1..1, and -10..10 with 0 twice. */
export const fusedPipelineDefaults = {
  strength: 1,
  crop: 25 / 28,
  shift: 1.94,
  tiles: 4,
  mesh: 1.41,
  degrees: 10.25,
  border: 'edge',
} as const satisfies Required<FusedPipelineOptions>;

export function completeFusedOptions(where: string, options: FusedPipelineOptions | undefined) {
  const angle = number({ min: 0, max: 45 });
  const pixels = number({ min: 0, max: 1024 });
  const complete = check.complete<Required<FusedPipelineOptions>>(where, options, fusedPipelineDefaults, {
    strength: number({ min: 0, max: 100 }),
    crop: number({ min: 1e-3, max: 2 }),
    shift: pixels,
    tiles: integer({ min: 1, max: 64 }),
    mesh: pixels,
    degrees: angle,
    border: borderCheck,
  });
  check.require(where, 'strength * degrees', complete.strength * complete.degrees, angle);
  return complete;
}

/**
 * The experiment's augmentation in one go: crop, zoom, mesh distortion and rotation (with the zoom that keeps its
 * corners out of sight) become one warp field, and the image is sampled once, bicubically; then mean 0 and standard
 * deviation 1. Parameters are real numbers, nothing is rounded on the way, and the picture is sharper than after the
 * original's three resamplings. Test with `fusedEvaluationPipeline`.
 *
 * Draws, in this order, each uniform: shift in x, shift in y, the angle, (dx, dy) of each inner vertex row by row.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function fusedPipeline(options?: FusedPipelineOptions): SeededTransform {
  const where = 'fusedPipeline';
  const complete = completeFusedOptions(where, options);
  const { strength, crop, tiles, border } = complete;
  const maxShift = complete.shift * strength;
  const maxMesh = complete.mesh * strength;
  const maxRadians = (complete.degrees * strength * Math.PI) / 180;

  const shiftCount = 2 * (tiles - 1) * (tiles - 1);
  const uniforms = new Float64Array(shiftCount + 3);
  const frame: FusedFrame = { crop, shiftX: 0, shiftY: 0, radians: 0 };
  const shifts = new Float64Array(shiftCount);
  const draw = (key: DrawKey): void => {
    drawUniform(uniforms, uniforms.length, key);
    frame.shiftX = toReal(uniforms[0]!, -maxShift, maxShift);
    frame.shiftY = toReal(uniforms[1]!, -maxShift, maxShift);
    frame.radians = toReal(uniforms[2]!, -maxRadians, maxRadians);
    for (let i = 0; i < shiftCount; i++) shifts[i] = toReal(uniforms[3 + i]!, -maxMesh, maxMesh);
  };

  const source = new WarpSource();
  const field: WarpField = { x: new Float64Array(1), y: new Float64Array(1) };
  const vertices = new Float64Array(2 * (tiles + 1) * (tiles + 1));
  const target = createPlane();

  return attach(
    (image, out, key) => {
      checkTransformArguments(image, out);
      draw(key);
      const height = out.shape[0]!;
      const width = out.shape[1]!;
      source.load(image, border);
      growWarpField(field, height * width);
      fillFusedField(
        field,
        height,
        width,
        source.plane.height,
        source.plane.width,
        frame,
        tiles,
        shifts,
        vertices,
      );
      sampleWarp(source, field, setPlaneSize(target, height, width));
      writeStandardised(target, out);
    },
    namedSpec(where, complete),
    (key) => {
      draw(key);
      const { shiftX, shiftY, radians } = frame;
      return { shiftX, shiftY, degrees: (radians * 180) / Math.PI, shifts: [...shifts] };
    },
  );
}
