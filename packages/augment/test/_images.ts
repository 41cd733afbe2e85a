import type { ImageTransform } from '@mnist/dataset';
import ndarray, { type NdArray } from 'ndarray';

export type Pixels = Uint8Array | Float32Array;

/** A bright blob with texture on black: smooth and hard edges, empty borders. The same for the same seed. */
export function drawImage(height: number, width: number, seed = 1): NdArray<Uint8Array> {
  const image = ndarray(new Uint8Array(height * width), [height, width]);
  let state = seed >>> 0 || 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const u = (x + 0.5) / width - 0.5;
      const v = (y + 0.5) / height - 0.5;
      const ring = Math.abs(Math.hypot(u, v * 0.8) - 0.22);
      image.set(y, x, ring < 0.08 ? 150 + (state >>> 26) + Math.round(40 * (1 - ring / 0.08)) : 0);
    }
  }
  return image;
}

export function createOut(height: number, width: number): NdArray<Float32Array> {
  return ndarray(new Float32Array(height * width).fill(Number.NaN), [height, width]);
}

/** Applies a transform and gives the values row by row. */
export function apply(
  transform: ImageTransform,
  image: NdArray<Pixels>,
  key: { seed: number; epoch: number; index: number } = { seed: 1, epoch: 0, index: 0 },
): Float32Array {
  const out = createOut(image.shape[0]!, image.shape[1]!);
  transform(image, out, key);
  return out.data;
}

/** The same values in a larger memory, columns first, every second element, from an odd offset. */
export function spread<T extends Pixels>(image: NdArray<T>): NdArray<T> {
  const [height, width] = image.shape as [number, number];
  const Type = image.data.constructor as new (length: number) => T;
  const wide = ndarray(new Type(3 + 2 * height * width), [height, width], [2, 2 * height], 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) wide.set(y, x, image.get(y, x));
  return wide;
}
