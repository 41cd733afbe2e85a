import { attach, namedSpec } from './_define-transform.js';
import { type FusedFrame, fillFusedField } from './_fused-field.js';
import { innerRectangleScale } from './_inner-rectangle.js';
import { checkTransformArguments, createPlane, setPlaneSize } from './_plane.js';
import { writeStandardised } from './_standardise.js';
import { growWarpField, sampleWarp, type WarpField } from './_warp.js';
import { WarpSource } from './_warp-source.js';
import { completeFusedOptions, type FusedPipelineOptions } from './fused-pipeline.js';
import type { SeededTransform } from './seeded-transform.js';

/**
 * The view for nets trained with `fusedPipeline(options)`; give it the same options. It is the centre of what they
 * saw: no shift, no mesh, no rotation, and the mean zoom. Rotations zoom in so as to keep their corners out of sight,
 * which makes the mean view 23.2 x 23.2 source pixels of 28 x 28 with the default options, rather than the crop's
 * 25 x 25. Sampled once, bicubically; then mean 0 and standard deviation 1. Draws nothing.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE
 */
export function fusedEvaluationPipeline(options?: FusedPipelineOptions): SeededTransform {
  const where = 'fusedEvaluationPipeline';
  const complete = completeFusedOptions(where, options);
  const { crop, border } = complete;
  const maxRadians = (complete.strength * complete.degrees * Math.PI) / 180;
  const source = new WarpSource();
  const field: WarpField = { x: new Float64Array(1), y: new Float64Array(1) };
  const target = createPlane();
  const noShifts = new Float64Array(0);
  const stillVertices = new Float64Array(2 * 2 * 2);
  const frame: FusedFrame = { crop, shiftX: 0, shiftY: 0, radians: 0 };
  let frameHeight = 0;
  let frameWidth = 0;
  return attach(
    (image, out) => {
      checkTransformArguments(image, out);
      const height = out.shape[0]!;
      const width = out.shape[1]!;
      if (height !== frameHeight || width !== frameWidth) {
        frame.crop = crop * meanInnerScale(height, width, maxRadians);
        frameHeight = height;
        frameWidth = width;
      }
      source.load(image, border);
      growWarpField(field, height * width);
      fillFusedField(
        field,
        height,
        width,
        source.plane.height,
        source.plane.width,
        frame,
        1,
        noShifts,
        stillVertices,
      );
      sampleWarp(source, field, setPlaneSize(target, height, width));
      writeStandardised(target, out);
    },
    namedSpec(where, complete),
    () => ({}),
  );
}

/** Mean of the zoom over angles uniform in 0 ... maxRadians (it is even in the angle), by the midpoint rule. */
function meanInnerScale(height: number, width: number, maxRadians: number): number {
  const steps = 256;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += innerRectangleScale(height, width, (maxRadians * (i + 0.5)) / steps);
  return sum / steps;
}
