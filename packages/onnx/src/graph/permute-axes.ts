import { sizeOf } from '@mnist/kit';
/** Reorders the axes of a row-major tensor: axis `i` of the result is axis `permutation[i]` of the source. */
export function permuteAxes(
  source: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const sizes = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const result = new Float32Array(source.length);
  let written = 0;
  const copyAxis = (axis: number, offset: number): void => {
    if (axis === sizes.length) {
      result[written++] = source[offset]!;
      return;
    }
    for (let index = 0; index < sizes[axis]!; index++) copyAxis(axis + 1, offset + index * steps[axis]!);
  };
  copyAxis(0, 0);
  return result;
}
