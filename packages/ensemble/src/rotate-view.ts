import ndarray from 'ndarray';
import { readImages } from './_read-images.js';
import { EnsembleError } from './ensemble-error.js';
import type { View } from './test-time-augmentation.js';

/**
 * Turns every image about its centre, bilinear; what lies outside repeats the edge's pixels.
 *
 * @param degrees anticlockwise as seen on the screen
 */
export function rotateView(degrees: number): View {
  if (!Number.isFinite(degrees)) {
    throw new EnsembleError('INVALID_OPTION', `degrees is ${degrees}; expected a finite angle.`);
  }
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  return (images) => {
    const { data, shape } = readImages(images);
    const [count, height, width, channels] = shape as [number, number, number, number];
    const out = new Float32Array(data.length);
    const centreX = (width - 1) / 2;
    const centreY = (height - 1) / 2;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const sourceX = centreX + cos * (x - centreX) - sin * (y - centreY);
        const sourceY = centreY + sin * (x - centreX) + cos * (y - centreY);
        const left = Math.floor(sourceX);
        const top = Math.floor(sourceY);
        const right = sourceX - left;
        const down = sourceY - top;
        const columns = [clamp(left, width), clamp(left + 1, width)] as const;
        const rows = [clamp(top, height), clamp(top + 1, height)] as const;
        for (let n = 0; n < count; n++) {
          for (let c = 0; c < channels; c++) {
            const at = (row: 0 | 1, column: 0 | 1) =>
              data[((n * height + rows[row]) * width + columns[column]) * channels + c]!;
            out[((n * height + y) * width + x) * channels + c] =
              (1 - down) * ((1 - right) * at(0, 0) + right * at(0, 1)) +
              down * ((1 - right) * at(1, 0) + right * at(1, 1));
          }
        }
      }
    }
    return ndarray(out, [count, height, width, channels]);
  };
}

function clamp(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, value));
}
