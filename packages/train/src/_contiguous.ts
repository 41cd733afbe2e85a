import type { NdArray } from 'ndarray';

/** The elements in row-major order: a view of the same memory where the array already lies so, else a copy. */
export function contiguousData(array: NdArray<Float32Array>): Float32Array {
  const { shape, stride, offset, size } = array;
  let dense = 1;
  let inOrder = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== dense) inOrder = false;
    dense *= shape[axis]!;
  }
  if (inOrder) return array.data.subarray(offset, offset + size);
  const out = new Float32Array(size);
  let at = 0;
  const copy = (axis: number, from: number): void => {
    if (axis === shape.length) {
      out[at++] = array.data[from]!;
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) copy(axis + 1, from + i * stride[axis]!);
  };
  copy(0, offset);
  return out;
}
