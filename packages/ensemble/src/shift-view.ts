import ndarray from 'ndarray';
import { checkInteger } from './_check-options.js';
import { readImages } from './_read-images.js';
import type { View } from './test-time-augmentation.js';

/**
 * Moves every image by whole pixels; the border repeats the edge's pixels, which keeps a normalised background.
 *
 * @param dx pixels to the right, negative to the left
 * @param dy pixels down, negative up
 */
export function shiftView(dx: number, dy: number): View {
  checkInteger('dx', dx, -10_000, 10_000);
  checkInteger('dy', dy, -10_000, 10_000);
  return (images) => {
    const { data, shape } = readImages(images);
    const [count, height, width, channels] = shape as [number, number, number, number];
    const out = new Float32Array(data.length);
    let to = 0;
    for (let n = 0; n < count; n++) {
      for (let y = 0; y < height; y++) {
        const row = (n * height + Math.min(height - 1, Math.max(0, y - dy))) * width;
        for (let x = 0; x < width; x++) {
          const from = (row + Math.min(width - 1, Math.max(0, x - dx))) * channels;
          for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
        }
      }
    }
    return ndarray(out, [count, height, width, channels]);
  };
}
