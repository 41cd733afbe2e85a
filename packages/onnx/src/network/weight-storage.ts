import type { Weight } from './network.js';
import { sizeOf } from './network.js';

/** Where a layer's weights are stored in another axis order than tfjs's, and in which. */
const KERNEL_PERMUTATION: Readonly<Record<string, readonly number[]>> = {
  /** HWIO -> OIHW */
  Conv2D: [3, 2, 0, 1],
  /** [height, width, channels, multiplier] -> [channels, multiplier, height, width] */
  DepthwiseConv2D: [2, 3, 0, 1],
};

/** Decides how the graph stores a weight of a layer of class `kind`. */
export function describeWeight(
  kind: string,
  name: string,
  shape: readonly number[],
  trainable: boolean,
): Weight {
  const permutation = shape.length === 4 ? KERNEL_PERMUTATION[kind] : undefined;
  const weight = { name, shape, size: sizeOf(shape), trainable };
  if (permutation === undefined) return { ...weight, storedShape: shape };
  const permuted = permutation.map((axis) => shape[axis]!);
  const storedShape =
    kind === 'DepthwiseConv2D' ? [permuted[0]! * permuted[1]!, 1, permuted[2]!, permuted[3]!] : permuted;
  return { ...weight, storedShape, permutation };
}

/** Copies a weight from tfjs's axis order into the graph's (a pure permutation: bit-exact). */
export function toStored(weight: Weight, source: Float32Array, target: Float32Array): void {
  if (weight.permutation === undefined) {
    target.set(source);
    return;
  }
  forEachElement(weight, (original, stored) => {
    target[stored] = source[original]!;
  });
}

/** The inverse of `toStored`. */
export function fromStored(weight: Weight, source: Float32Array, target: Float32Array): void {
  if (weight.permutation === undefined) {
    target.set(source);
    return;
  }
  forEachElement(weight, (original, stored) => {
    target[original] = source[stored]!;
  });
}

/** Calls `visit(position in tfjs order, position in stored order)`; the weight has four axes. */
function forEachElement(weight: Weight, visit: (original: number, stored: number) => void): void {
  const strides = weight.shape.map((_, axis) => sizeOf(weight.shape.slice(axis + 1)));
  const [a, b, c, d] = weight.permutation!.map((axis) => ({
    size: weight.shape[axis]!,
    stride: strides[axis]!,
  })) as [Axis, Axis, Axis, Axis];
  let stored = 0;
  for (let i = 0; i < a.size; i++) {
    for (let j = 0; j < b.size; j++) {
      for (let k = 0; k < c.size; k++) {
        const base = i * a.stride + j * b.stride + k * c.stride;
        for (let l = 0; l < d.size; l++) visit(base + l * d.stride, stored++);
      }
    }
  }
}

interface Axis {
  readonly size: number;
  readonly stride: number;
}
