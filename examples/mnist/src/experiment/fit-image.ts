import { resizeBicubic } from '@mnist/augment';
import ndarray from 'ndarray';

/** Side of the images that the nets of this program take, in pixels. */
export const imageSide = 28;

/**
 * A grey image of any size in the middle of 28 x 28 pixels, its proportions kept, the rest black.
 *
 * @param image uint8, [height, width]; 0 is background
 * @returns uint8, [28, 28]
 */
export function fitImage(image: Uint8Array, width: number, height: number): Uint8Array {
  const scale = imageSide / Math.max(width, height);
  const [across, down] = [width, height].map((length) => Math.max(1, Math.round(length * scale))) as [
    number,
    number,
  ];
  const out = new Uint8Array(imageSide * imageSide);
  const start = Math.floor((imageSide - down) / 2) * imageSide + Math.floor((imageSide - across) / 2);
  resizeBicubic(ndarray(image, [height, width]), ndarray(out, [down, across], [imageSide, 1], start));
  return out;
}
