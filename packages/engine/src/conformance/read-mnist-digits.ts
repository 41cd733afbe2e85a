import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import ndarray, { type NdArray } from 'ndarray';
import { ConformanceError } from './conformance-error.js';

export interface MnistDigits {
  /** float32 [count, 28, 28, 1]: scaled to 0 ... 1, then each image minus its mean over its (biased) standard deviation. */
  readonly images: NdArray<Float32Array>;
  /** uint8 [count] */
  readonly labels: NdArray<Uint8Array>;
}

/**
 * The first `count` MNIST training digits as the golden PyTorch training saw them.
 *
 * @param dataDir folder with `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, plain or `.gz`
 */
export async function readMnistDigits(dataDir: string, count: number): Promise<MnistDigits> {
  const pixels = (await readIdx(dataDir, 'train-images-idx3-ubyte')).subarray(16, 16 + count * 784);
  const labels = (await readIdx(dataDir, 'train-labels-idx1-ubyte')).subarray(8, 8 + count);
  const data = new Float32Array(count * 784);
  for (let n = 0; n < count; n++) {
    const image = Float64Array.from(pixels.subarray(n * 784, (n + 1) * 784), (value) => value / 255);
    const mean = image.reduce((sum, value) => sum + value, 0) / 784;
    const deviation = Math.sqrt(image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 784);
    data.set(
      image.map((value) => (value - mean) / deviation),
      n * 784,
    );
  }
  return { images: ndarray(data, [count, 28, 28, 1]), labels: ndarray(Uint8Array.from(labels)) };
}

async function readIdx(dataDir: string, name: string): Promise<Uint8Array> {
  for (const candidate of [`${name}.gz`, name]) {
    const path = join(dataDir, candidate);
    const present = await access(path).then(
      () => true,
      () => false,
    );
    if (!present) continue;
    const bytes = await readFile(path);
    return candidate.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  }
  throw new ConformanceError(`no '${name}' (plain or .gz) in '${dataDir}'`);
}
