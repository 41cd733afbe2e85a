// Renders docs/*.png: what each transform makes of ten drawn digits. Run `pnpm --filter @mnist/augment docs:pictures`
// after a build. The digits are drawn by hand (scripts/_drawn-digits.mjs), not taken from a data set.
import { mkdirSync, writeFileSync } from 'node:fs';
import * as augment from '@mnist/augment';
import { encode } from 'fast-png';
import ndarray from 'ndarray';
import { drawDigit } from './_drawn-digits.mjs';

const columns = 10;
const rows = 4;
const zoom = 2;
const gap = 2;
const size = 28 * zoom + gap;

const transforms = {
  'training-pipeline': augment.trainingPipeline(),
  'fused-pipeline': augment.fusedPipeline(),
  'evaluation-pipeline': augment.evaluationPipeline(),
  'fused-evaluation-pipeline': augment.fusedEvaluationPipeline(),
  elastic: augment.elastic(),
  rotate: augment.rotate({ degrees: 25 }),
  shift: augment.shift({ x: 4, y: 4 }),
  zoom: augment.zoom({ factor: [0.7, 1.3], independent: true }),
  shear: augment.shear({ degrees: 25 }),
  erase: augment.erase({ probability: 1, fill: 96 }),
  thickness: augment.thickness({ amount: [-0.8, 1.5] }),
  'random-crop': augment.randomCrop(),
  'centre-crop': augment.centreCrop(),
  compose: augment.compose(augment.thickness(), augment.shear(), augment.elastic(), augment.rotate()),
};

const folder = new URL('../docs/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, transform] of Object.entries(transforms)) {
  writeFileSync(new URL(`${name}.png`, folder), renderSheet(transform));
  console.log(`docs/${name}.png`);
}

/** Ten digits as they are in the first row, and four draws of each below. */
function renderSheet(transform) {
  const width = columns * size + gap;
  const height = (rows + 1) * size + 2 * gap;
  const sheet = ndarray(new Uint8Array(width * height).fill(90), [height, width]);
  const out = ndarray(new Float32Array(784), [28, 28]);
  for (let digit = 0; digit < columns; digit++) {
    const image = drawDigit(digit);
    paste(sheet, Float32Array.from(image.data), digit, 0, 0);
    for (let row = 0; row < rows; row++) {
      transform(image, out, { seed: 1, epoch: row, index: digit });
      paste(sheet, out.data, digit, row + 1, gap);
    }
  }
  return encode({ width, height, data: sheet.data, channels: 1, depth: 8 });
}

/** Pixels in 0..255 stay as they are; standardised ones are stretched from their least to their greatest value. */
function paste(sheet, pixels, column, row, extra) {
  const low = Math.min(...pixels);
  const high = Math.max(...pixels);
  const standardised = low < 0;
  for (let y = 0; y < 28 * zoom; y++) {
    for (let x = 0; x < 28 * zoom; x++) {
      const value = pixels[Math.floor(y / zoom) * 28 + Math.floor(x / zoom)];
      const level = standardised ? ((value - low) / (high - low)) * 255 : value;
      sheet.set(gap + extra + row * size + y, gap + column * size + x, Math.round(level));
    }
  }
}
