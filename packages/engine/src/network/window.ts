/** A sliding window over an image: what convolutions and poolings share. Pairs are [height, width]. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  readonly inputSize: readonly [number, number];
  readonly outputSize: readonly [number, number];
}

/** Options of a window in a tfjs layer's config. */
export interface WindowConfig {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly padding: 'same' | 'valid';
}

/**
 * Resolves tfjs padding. 'same': ceil(input / stride) outputs, the odd pixel of padding goes after the image, as in
 * TensorFlow.
 */
export function resolveWindow(config: WindowConfig, inputSize: readonly [number, number]): Window {
  const { kernel, strides, dilations = [1, 1], padding } = config;
  const extents = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const outputSize = inputSize.map((size, axis) =>
    padding === 'same'
      ? Math.ceil(size / strides[axis]!)
      : Math.floor((size - extents[axis]!) / strides[axis]!) + 1,
  );
  const totals = outputSize.map((size, axis) =>
    padding === 'same' ? Math.max((size - 1) * strides[axis]! + extents[axis]! - inputSize[axis]!, 0) : 0,
  );
  const before = totals.map((total) => Math.floor(total / 2));
  return {
    kernel,
    strides,
    dilations,
    inputSize,
    outputSize: pair(outputSize),
    before: pair(before),
    after: pair(totals.map((total, axis) => total - before[axis]!)),
  };
}

function pair(values: readonly number[]): [number, number] {
  return [values[0]!, values[1]!];
}
