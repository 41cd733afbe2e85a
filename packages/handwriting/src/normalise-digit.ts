import ndarray, { type NdArray } from 'ndarray';
import { type Box, distanceTo, type Mask, type Plane, plane, resizeByArea } from './_plane.js';

/** How a digit is laid into its square. */
export interface Normalisation {
  /** Side of the image, in pixels. */
  readonly side: number;
  /** Side of the box that the ink fills, its proportions kept. */
  readonly box: number;
  /** What comes to the middle: the centre of mass, or the middle of the ink's box. */
  readonly centre: 'mass' | 'box';
  /** Mean stroke width allowed, in pixels of the image; strokes outside are thickened or thinned. Without it, grey levels are kept. */
  readonly strokeWidth?: readonly [number, number];
}

/**
 * `mnist`: LeCun et al. 1998, section III.A: bilevel ink fitted into 20 x 20, centre of mass in the middle of 28 x 28.
 * `emnist`: Cohen et al. 2017, section II: the box's middle in the centre, two pixels of padding.
 * `fit`: grey levels as they are, the thing's box filling the square, as Fashion-MNIST and KMNIST have it.
 */
export const normalisations = {
  mnist: { side: 28, box: 20, centre: 'mass', strokeWidth: [2.1, 4.2] },
  emnist: { side: 28, box: 24, centre: 'box', strokeWidth: [2.4, 4.8] },
  fit: { side: 28, box: 28, centre: 'box' },
} as const satisfies Record<string, Normalisation>;

/**
 * @param contrast contrast of the ink with its paper, in the digit's surroundings
 * @param mask where the digit is; other ink is left out
 * @param level contrast of full ink
 * @returns uint8, [side, side], white ink on black
 */
export function normaliseDigit(
  contrast: Plane,
  mask: Mask,
  level: number,
  normalisation: Normalisation,
): NdArray<Uint8Array> {
  const soft = normalisation.strokeWidth
    ? evenStrokes(mask, normalisation.box, normalisation.strokeWidth)
    : ownGreys(contrast, mask, level);
  const box = boxOf(soft);
  const { side } = normalisation;
  const scale = normalisation.box / Math.max(box.right - box.left, box.bottom - box.top);
  const width = Math.max(1, Math.round((box.right - box.left) * scale));
  const height = Math.max(1, Math.round((box.bottom - box.top) * scale));
  const cut = plane(box.right - box.left, box.bottom - box.top);
  for (let y = 0; y < cut.height; y++)
    for (let x = 0; x < cut.width; x++)
      cut.data[y * cut.width + x] = soft.data[(box.top + y) * soft.width + box.left + x]!;
  const small = resizeByArea(cut, width, height);
  const { x, y } = normalisation.centre === 'mass' ? centreOfMass(small) : { x: width / 2, y: height / 2 };
  const left = Math.max(0, Math.min(side - width, Math.round(side / 2 - x)));
  const top = Math.max(0, Math.min(side - height, Math.round(side / 2 - y)));
  const out = ndarray(new Uint8Array(side * side), [side, side]);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      out.set(top + row, left + column, Math.round(255 * Math.min(1, small.data[row * width + column]!)));
  return out;
}

/** The digit with strokes of a width that the nets have seen: a hairline would fade in 20 x 20, a marker fill its loops. */
function evenStrokes(mask: Mask, box: number, [narrowest, widest]: readonly [number, number]): Plane {
  const padded = pad(mask, Math.ceil(0.1 * Math.max(mask.width, mask.height)) + 2);
  const inside = distanceTo(padded, 0);
  const outside = distanceTo(padded, 1);
  const { left, right, top, bottom } = boxOf({ ...padded, data: Float32Array.from(padded.data) });
  const size = Math.max(right - left, bottom - top);
  const width = strokeWidthOf(padded, inside);
  const wanted = Math.min(widest, Math.max(narrowest, (width * box) / size));
  let grow = (((wanted / box) * size - width) / 2) * (1 / (1 - wanted / box));
  // Thinning must not cut the narrow places.
  if (grow < 0) grow = Math.max(grow, -0.22 * width);
  const out = plane(padded.width, padded.height);
  for (let i = 0; i < out.data.length; i++) {
    const distance = padded.data[i] ? 0.5 - inside.data[i]! : outside.data[i]! - 0.5;
    out.data[i] = Math.min(1, Math.max(0, 0.5 + grow - distance));
  }
  return out;
}

/** The distance to the edge, averaged over a strip of width w, is w / 4. */
function strokeWidthOf({ data }: Mask, inside: Plane): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    if (!data[i]) continue;
    sum += inside.data[i]! - 0.5;
    count++;
  }
  return Math.max(1, (4 * sum) / Math.max(1, count));
}

function pad({ width, height, data }: Mask, by: number): Mask {
  const out = new Uint8Array((width + 2 * by) * (height + 2 * by));
  for (let y = 0; y < height; y++)
    out.set(data.subarray(y * width, (y + 1) * width), (y + by) * (width + 2 * by) + by);
  return { width: width + 2 * by, height: height + 2 * by, data: out };
}

function ownGreys(contrast: Plane, mask: Mask, level: number): Plane {
  const out = plane(contrast.width, contrast.height);
  for (let i = 0; i < out.data.length; i++)
    out.data[i] = mask.data[i] ? Math.min(1, contrast.data[i]! / level) : 0;
  return out;
}

function boxOf({ width, height, data }: Plane): Box {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (data[y * width + x]! < 0.25) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  return box.right > box.left ? box : { left: 0, top: 0, right: width, bottom: height };
}

function centreOfMass({ width, height, data }: Plane): { x: number; y: number } {
  let mass = 0;
  let x = 0;
  let y = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const value = data[row * width + column]!;
      mass += value;
      x += value * (column + 0.5);
      y += value * (row + 0.5);
    }
  return mass > 0 ? { x: x / mass, y: y / mass } : { x: width / 2, y: height / 2 };
}
