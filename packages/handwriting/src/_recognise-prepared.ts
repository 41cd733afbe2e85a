import ndarray, { type NdArray } from 'ndarray';
import type { Normalisation } from './normalise-digit.js';
import { channelsOf, type Picture } from './picture.js';

/** Pixels darker than this are paper: the grey of a resampled edge is not yet ink. */
const INK = 24;

/**
 * The image, white on black, where the picture already has the normalisation's form: its size, an even black or white
 * ground, ink that fills the box and lies where it belongs. Undefined where it has not.
 */
export function recognisePrepared(
  picture: Picture,
  normalisation: Normalisation,
): NdArray<Uint8Array> | undefined {
  const channels = channelsOf(picture);
  const { width, height, data } = picture;
  const { side, box, centre } = normalisation;
  if (width !== side || height !== side) return undefined;
  const image = new Uint8Array(side * side);
  for (let i = 0; i < image.length; i++) {
    const at = i * channels;
    if (channels === 4 && data[at + 3]! < 255) return undefined;
    const red = data[at]!;
    const green = channels === 1 ? red : data[at + 1]!;
    const blue = channels === 1 ? red : data[at + 2]!;
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > 8) return undefined;
    image[i] = Math.round((red + green + blue) / 3);
  }
  const black = image.filter((value) => value < INK).length;
  const white = image.filter((value) => value > 255 - INK).length;
  // A bright thing may fill its square up to the edges' middles; the ground is what the edges show most of.
  const isWhite = box < side ? white > black : meanOnEdges(image, side) > 127;
  if (isWhite) for (let i = 0; i < image.length; i++) image[i] = 255 - image[i]!;
  // Images of things fill their square; digits leave most of it empty.
  if (Math.max(black, white) < (box < side ? 0.45 : 0.1) * image.length) return undefined;
  let [left, top, right, bottom, mass, sumX, sumY] = [side, side, 0, 0, 0, 0, 0];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const value = image[y * side + x]!;
      mass += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
      if (value < INK) continue;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
    }
  const size = Math.max(right - left, bottom - top);
  if (Math.abs(size - box) > 2) return undefined;
  const x = centre === 'mass' ? sumX / mass : (left + right) / 2;
  const y = centre === 'mass' ? sumY / mass : (top + bottom) / 2;
  if (Math.hypot(x - side / 2, y - side / 2) > (centre === 'mass' ? 1.6 : 3)) return undefined;
  return ndarray(image, [side, side]);
}

function meanOnEdges(image: Uint8Array, side: number): number {
  let sum = 0;
  for (let i = 0; i < side; i++)
    sum += image[i]! + image[side * (side - 1) + i]! + image[side * i]! + image[side * i + side - 1]!;
  return sum / (4 * side);
}
