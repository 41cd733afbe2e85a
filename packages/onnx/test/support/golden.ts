import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A float32 tensor of the golden file. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface Encoded {
  readonly shape: readonly number[];
  readonly f32: string;
}

export function decode({ shape, f32 }: Encoded): GoldenTensor {
  const bytes = Buffer.from(f32, 'base64');
  return {
    shape,
    data: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  };
}

/** PyTorch's layouts to tfjs's: OIHW to HWIO, [out, in] to [in, out]. */
export function toTfjs({ shape, data }: GoldenTensor): GoldenTensor {
  if (shape.length === 2) return permute({ shape, data }, [1, 0]);
  if (shape.length === 4) return permute({ shape, data }, [2, 3, 1, 0]);
  return { shape, data };
}

function permute({ shape, data }: GoldenTensor, order: readonly number[]): GoldenTensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const permuted = order.map((axis) => shape[axis]!);
  const result = new Float32Array(data.length);
  for (let index = 0; index < data.length; index++) {
    let rest = index;
    let source = 0;
    for (let axis = permuted.length - 1; axis >= 0; axis--) {
      source += (rest % permuted[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / permuted[axis]!);
    }
    result[index] = data[source]!;
  }
  return { shape: permuted, data: result };
}

/** Images 0 ... count - 1 of the training set, scaled to 0 ... 1 and then, each, to mean 0 and deviation 1; with labels. */
export function readTrainingImages(
  directory: string,
  count: number,
): { readonly images: Float32Array; readonly labels: Uint8Array } {
  const pixels = readIdx(directory, 'train-images-idx3-ubyte').subarray(16, 16 + count * 784);
  const labels = readIdx(directory, 'train-labels-idx1-ubyte').subarray(8, 8 + count);
  const images = new Float32Array(count * 784);
  for (let image = 0; image < count; image++) {
    const values = Array.from(pixels.subarray(image * 784, (image + 1) * 784), (pixel) => pixel / 255);
    const mean = values.reduce((sum, value) => sum + value, 0) / 784;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 784;
    for (const [index, value] of values.entries()) {
      images[image * 784 + index] = (value - mean) / Math.sqrt(variance);
    }
  }
  return { images, labels: Uint8Array.from(labels) };
}

function readIdx(directory: string, name: string): Buffer {
  const raw = join(directory, name);
  return existsSync(raw) ? readFileSync(raw) : gunzipSync(readFileSync(`${raw}.gz`));
}
