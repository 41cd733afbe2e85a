import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import ndarray, { type NdArray } from 'ndarray';
import { expect, test } from 'vitest';
import {
  centreCrop,
  crop,
  distortMesh,
  evaluationPipeline,
  normalize,
  resizeBicubic,
  rotateAndFill,
} from '../src/index.js';
import { apply, createOut } from './_images.js';

// 40 images of MNIST by their number in the training set, each through the steps of Augmentor on Pillow 9.4.
interface GoldenCase {
  trainIndex: number;
  cropLeft: number;
  cropTop: number;
  vertexShifts: number[];
  rotateDegrees: number;
  afterCropResize: string;
  afterDistort: string;
  afterRotate: string;
  evalView: string;
  distortAlone: string;
  rotateAlone: string;
}

const dataDir = process.env.MNIST_DATA_DIR;
if (!dataDir)
  console.log('Skipped: the 40 worked MNIST cases need MNIST_DATA_DIR, a folder with the IDX files.');

const image8 = (height = 28, width = 28) => ndarray(new Uint8Array(height * width), [height, width]);
const isSame = (image: NdArray<Uint8Array>, base64: string) =>
  Buffer.compare(Buffer.from(image.data), Buffer.from(base64, 'base64')) === 0;

test.skipIf(!dataDir)('the 40 worked MNIST cases come out bit for bit', () => {
  const file = new URL('./golden/augmentor-pillow.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: GoldenCase[] };
  const train = gunzipSync(readFileSync(join(dataDir!, 'train-images-idx3-ubyte.gz'))).subarray(16);
  expect(cases).toHaveLength(40);
  for (const golden of cases) {
    const { trainIndex, cropLeft, cropTop, vertexShifts, rotateDegrees } = golden;
    const digit = ndarray(new Uint8Array(train.subarray(trainIndex * 784, (trainIndex + 1) * 784)), [28, 28]);
    const cropped = image8(25, 25);
    const resized = image8();
    const distorted = image8();
    const rotated = image8();
    crop(digit, cropped, { left: cropLeft, top: cropTop });
    resizeBicubic(cropped, resized);
    distortMesh(resized, distorted, { shifts: vertexShifts });
    rotateAndFill(distorted, rotated, { degrees: rotateDegrees });
    expect(isSame(resized, golden.afterCropResize), `crop + resize of ${trainIndex}`).toBe(true);
    expect(isSame(distorted, golden.afterDistort), `distort of ${trainIndex}`).toBe(true);
    expect(isSame(rotated, golden.afterRotate), `rotate of ${trainIndex}`).toBe(true);

    const alone = image8();
    distortMesh(digit, alone, { shifts: vertexShifts });
    expect(isSame(alone, golden.distortAlone), `distort alone of ${trainIndex}`).toBe(true);
    rotateAndFill(digit, alone, { degrees: rotateDegrees });
    expect(isSame(alone, golden.rotateAlone), `rotate alone of ${trainIndex}`).toBe(true);

    const view = apply(centreCrop(), digit);
    expect(Buffer.compare(Buffer.from(Uint8Array.from(view)), Buffer.from(golden.evalView, 'base64'))).toBe(
      0,
    );
    const standardised = createOut(28, 28);
    normalize(ndarray(view, [28, 28]), standardised, { seed: 0, epoch: 0, index: 0 });
    expect(apply(evaluationPipeline(), digit)).toEqual(standardised.data);
  }
});
