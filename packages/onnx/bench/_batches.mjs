import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const COUNT = 10;
const PIXELS = 784;

/**
 * Writes ten batches into a temporary file: float32 images, each with mean 0 and deviation 1, then a byte for each label.
 * Real MNIST digits where MNIST_DATA_DIR is set, else noise.
 */
export function writeBatches(batchSize) {
  const size = batchSize * COUNT;
  const directory = process.env.MNIST_DATA_DIR;
  const pixels = directory
    ? readIdx(directory, 'train-images-idx3-ubyte').subarray(16, 16 + size * PIXELS)
    : Uint8Array.from({ length: size * PIXELS }, (_, index) => (Math.imul(index, 2654435761) >>> 24) & 255);
  const labels = directory
    ? readIdx(directory, 'train-labels-idx1-ubyte').subarray(8, 8 + size)
    : Uint8Array.from({ length: size }, (_, index) => index % 10);
  const images = new Float32Array(size * PIXELS);
  for (let start = 0; start < images.length; start += PIXELS) {
    const image = pixels.subarray(start, start + PIXELS);
    const mean = image.reduce((sum, value) => sum + value, 0) / PIXELS;
    const deviation = Math.sqrt(image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / PIXELS);
    for (let pixel = 0; pixel < PIXELS; pixel++) images[start + pixel] = (image[pixel] - mean) / deviation;
  }
  const file = join(mkdtempSync(join(tmpdir(), 'onnx-bench-')), 'batches.bin');
  writeFileSync(file, Buffer.concat([Buffer.from(images.buffer), labels]));
  return {
    file,
    count: COUNT,
    batchSize,
    source: directory ? 'MNIST digits' : 'noise (MNIST_DATA_DIR is not set)',
  };
}

/** Reads what `writeBatches` wrote. */
export function readBatches(file, count, batchSize) {
  const bytes = readFileSync(file);
  const size = count * batchSize;
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + size * PIXELS * 4));
  return Array.from({ length: count }, (_, index) => ({
    images: floats.subarray(index * batchSize * PIXELS, (index + 1) * batchSize * PIXELS),
    labels: Uint8Array.from(
      bytes.subarray(size * PIXELS * 4 + index * batchSize, size * PIXELS * 4 + (index + 1) * batchSize),
    ),
  }));
}

function readIdx(directory, name) {
  const raw = join(directory, name);
  return existsSync(raw) ? readFileSync(raw) : gunzipSync(readFileSync(`${raw}.gz`));
}
