import type { DrawKey } from '@mnist/dataset';
import { defineTransform, drawUniform, type ProbabilityOption } from './_define-transform.js';
import { checkTransformArguments, createPlane, setPlaneSize, writeImage } from './_plane.js';
import { growWarpField, sampleWarp, type WarpField } from './_warp.js';
import { type Border, WarpSource } from './_warp-source.js';
import type { DrawnParameters, SeededTransform } from './seeded-transform.js';

/**
 * The map from a point of the result to the point of the source that it shows, both in source pixels from the centre:
 * (xx * u + xy * v + x, yx * u + yy * v + y).
 */
interface AffineMap {
  xx: number;
  xy: number;
  yx: number;
  yy: number;
  x: number;
  y: number;
}

export interface AffineDefinition {
  readonly name: string;
  readonly options: Required<ProbabilityOption> & { readonly border: Border };
  /** How many uniform numbers `draw` takes. */
  readonly draws: number;
  /** From uniform numbers in [0, 1) to the map. `map` comes as the identity. */
  draw(uniforms: Float64Array, map: AffineMap, height: number, width: number): void;
  /** The same numbers, named. */
  describe(uniforms: Float64Array): DrawnParameters;
}

/** A transform that moves the whole image by one affine map and samples it once, bicubically. */
export function defineAffine(definition: AffineDefinition): SeededTransform {
  const { border } = definition.options;
  const uniforms = new Float64Array(definition.draws);
  const map: AffineMap = { xx: 1, xy: 0, yx: 0, yy: 1, x: 0, y: 0 };
  const source = new WarpSource();
  const field: WarpField = { x: new Float64Array(1), y: new Float64Array(1) };
  const target = createPlane();
  const draw = (key: DrawKey): void => drawUniform(uniforms, definition.draws, key);
  return defineTransform(
    definition.name,
    definition.options,
    (image, out, key) => {
      checkTransformArguments(image, out);
      draw(key);
      map.xx = 1;
      map.xy = 0;
      map.yx = 0;
      map.yy = 1;
      map.x = 0;
      map.y = 0;
      source.load(image, border);
      definition.draw(uniforms, map, source.plane.height, source.plane.width);
      const height = out.shape[0]!;
      const width = out.shape[1]!;
      fillAffineField(growWarpField(field, height * width), height, width, source, map);
      sampleWarp(source, field, setPlaneSize(target, height, width));
      writeImage(target, out);
    },
    (key) => {
      draw(key);
      return definition.describe(uniforms);
    },
  );
}

/** An `out` of another size shows the same picture at its own size. */
function fillAffineField(
  field: WarpField,
  height: number,
  width: number,
  source: WarpSource,
  map: AffineMap,
): void {
  const { xx, xy, yx, yy } = map;
  const scaleX = source.plane.width / width;
  const scaleY = source.plane.height / height;
  const centreX = (source.plane.width - 1) / 2 + map.x;
  const centreY = (source.plane.height - 1) / 2 + map.y;
  let at = 0;
  for (let y = 0; y < height; y++) {
    const v = (y - (height - 1) / 2) * scaleY;
    for (let x = 0; x < width; x++, at++) {
      const u = (x - (width - 1) / 2) * scaleX;
      field.x[at] = centreX + xx * u + xy * v;
      field.y[at] = centreY + yx * u + yy * v;
    }
  }
}
