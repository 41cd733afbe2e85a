import { readFileSync } from 'node:fs';
import ndarray, { type NdArray } from 'ndarray';
import { describe, expect, test } from 'vitest';
import { createGaussian, gaussianBlur } from '../src/_gaussian-blur.js';
import { crop, distortMesh, normalize, resizeBicubic, rotateAndFill } from '../src/index.js';

// Made by scripts/make-pillow-golden.py with Pillow, Augmentor, numpy and SciPy.
const golden = JSON.parse(readFileSync(new URL('./golden/pillow.json', import.meta.url), 'utf8')) as {
  versions: Record<string, string>;
  cases: {
    name: string;
    shape: [number, number];
    pixels: string;
    results: { kernel: string; options: never; shape: [number, number]; dtype: string; result: string }[];
  }[];
  gaussianBlurs: { shape: [number, number]; sigma: number; field: string; result: string }[];
};

type Pixels = Uint8Array | Float32Array;

function bytes(base64: string): ArrayBuffer {
  const buffer = Buffer.from(base64, 'base64');
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) as ArrayBuffer;
}

function run(kernel: string, image: NdArray<Pixels>, out: NdArray<Pixels>, options: never): void {
  if (kernel === 'crop') crop(image, out, options);
  else if (kernel === 'resizeBicubic') resizeBicubic(image, out);
  else if (kernel === 'distortMesh') distortMesh(image, out, options);
  else if (kernel === 'rotateAndFill') rotateAndFill(image, out, options);
  else normalize(image, out as NdArray<Float32Array>, { seed: 0, epoch: 0, index: 0 });
}

describe(`against Pillow ${golden.versions.pillow} and Augmentor ${golden.versions.augmentor}`, () => {
  test.each(golden.cases)('$name $shape', ({ shape, pixels, results }) => {
    const stored = new Uint8Array(bytes(pixels));
    const image = ndarray(stored, shape);
    // The same pixels, columns first and between other values.
    const spaced = ndarray(new Uint8Array(3 + 2 * stored.length), shape, [2, 2 * shape[0]], 3);
    for (let y = 0; y < shape[0]; y++) for (let x = 0; x < shape[1]; x++) spaced.set(y, x, image.get(y, x));
    for (const { kernel, options, shape: outShape, dtype, result } of results) {
      const label = `${kernel} ${JSON.stringify(options)} -> ${outShape}`;
      if (dtype === 'uint8') {
        const expected = Buffer.from(result, 'base64');
        for (const input of [image, spaced]) {
          const out = ndarray(new Uint8Array(outShape[0] * outShape[1]), outShape);
          run(kernel, input, out, options);
          expect(Buffer.compare(Buffer.from(out.data), expected), label).toBe(0);
        }
      } else {
        // Pillow's mode F keeps single precision between its steps, this package double.
        const expected = new Float32Array(bytes(result));
        const out = ndarray(new Float32Array(expected.length), outShape);
        run(kernel, ndarray(Float32Array.from(stored), shape), out, options);
        const worst = Math.max(...expected.map((value, i) => Math.abs(value - out.data[i]!)));
        expect(worst, label).toBeLessThan(2e-4);
      }
    }
  });
});

test.each(golden.gaussianBlurs)(
  'the blur of elastic() is scipy.ndimage.gaussian_filter, sigma $sigma',
  (blur) => {
    const [height, width] = blur.shape;
    const field = new Float64Array(bytes(blur.field));
    gaussianBlur(field, new Float64Array(field.length), height, width, createGaussian(blur.sigma));
    const expected = new Float64Array(bytes(blur.result));
    for (const [i, value] of field.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-12);
  },
);
