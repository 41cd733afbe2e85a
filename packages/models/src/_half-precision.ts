import type { WeightSpec } from './_model-file.js';
import { ModelError } from './model-error.js';

/** The float32 weights of `bytes`, rounded to IEEE 754 half precision, with specs that TensorFlow.js's reader undoes. */
export function toHalfPrecision(
  specs: readonly WeightSpec[],
  bytes: Uint8Array,
): { specs: WeightSpec[]; weights: Buffer } {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const halved = specs.map((spec): WeightSpec => {
    const count = spec.shape.reduce((size, length) => size * length, 1);
    if (spec.dtype !== 'float32') {
      throw new ModelError(
        'SAVE_FAILED',
        `saveModel: weight '${spec.name}' is ${spec.dtype}; half precision is for float32 weights. Save it with precision 'float32'.`,
      );
    }
    // A copy: the bytes need not be aligned, and a small Buffer is a view of a pool.
    const values = new Float32Array(new Uint8Array(bytes.subarray(offset, offset + 4 * count)).buffer);
    offset += 4 * count;
    const halves = new Uint16Array(count);
    for (let i = 0; i < count; i++) {
      halves[i] = halfOf(values[i]!);
      if ((halves[i]! & 0x7c00) === 0x7c00) {
        throw new ModelError(
          'SAVE_FAILED',
          `saveModel: weight '${spec.name}' holds ${values[i]}; half precision ends at 65,504. Save it with precision 'float32'.`,
        );
      }
    }
    parts.push(new Uint8Array(halves.buffer));
    return { ...spec, quantization: { dtype: 'float16', original_dtype: 'float32' } } as WeightSpec;
  });
  return { specs: halved, weights: Buffer.concat(parts) };
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 16 bits of the nearest half-precision number, ties to even; beyond the range, infinity. */
function halfOf(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const exponent = ((bits[0]! >>> 23) & 0xff) - 127;
  const fraction = bits[0]! & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  // Below 2^-14 halves are multiples of 2^-24; scaling by it is exact, and so is the tie.
  if (exponent < -14) return sign | roundToEven(Math.abs(value) * 2 ** 24);
  const rounded = (exponent + 15) * 1024 + roundToEven(fraction / 8192);
  return sign | Math.min(rounded, 0x7c00);
}

function roundToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}
