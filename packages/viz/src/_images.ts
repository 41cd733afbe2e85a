import { VizError } from './viz-error.js';

/**
 * Grey-scale images as plain data or as an ndarray: [count, height, width] or [count, height, width, 1].
 * Without `stride` and `offset` the data are row-major.
 */
export interface ImageArray {
  /** 8-bit: 0 to 255. Float: any range, see `normalise`. */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array | Float64Array;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  readonly offset?: number;
}

/** How numbers become grey: `none` takes 0 to 255 (8-bit) or 0 to 1 (float); `image` and `batch` stretch least to greatest. */
export type Normalise = 'none' | 'image' | 'batch';

/** One image, ready to draw. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** 0 = background, 255 = full ink; row-major. */
  readonly ink: Uint8Array;
  /** 1 where the pixel was not finite; absent when all were. */
  readonly invalid?: Uint8Array;
}

export function checkImages(caller: string, images: unknown): asserts images is ImageArray {
  const { data, shape, stride, offset } = (images ?? {}) as Partial<ImageArray>;
  const known =
    data instanceof Uint8Array ||
    data instanceof Uint8ClampedArray ||
    data instanceof Float32Array ||
    data instanceof Float64Array;
  if (!known || !Array.isArray(shape)) {
    throw new VizError(
      'INVALID_DATA',
      `${caller}: images is not { data: Uint8Array or Float32Array, shape: [count, height, width] }.`,
    );
  }
  const [count, height, width, channels = 1] = shape as number[];
  const whole = shape.every((length) => Number.isInteger(length) && length >= 0);
  if (!whole || shape.length < 3 || shape.length > 4 || channels !== 1 || !height || !width) {
    throw new VizError(
      'INVALID_DATA',
      `${caller}: images has the shape [${shape.join(', ')}]; expected [count, height, width] or [count, height, width, 1].`,
    );
  }
  if (stride !== undefined && stride.length !== shape.length) {
    throw new VizError(
      'INVALID_DATA',
      `${caller}: images has ${stride.length} strides for ${shape.length} dimensions.`,
    );
  }
  const steps = stride ?? rowMajor(shape);
  let [least, greatest] = [offset ?? 0, offset ?? 0];
  shape.forEach((length, axis) => {
    const reach = steps[axis]! * (length - 1);
    if (reach < 0) least += reach;
    else greatest += reach;
  });
  if (count! > 0 && !(least >= 0 && greatest < data.length)) {
    throw new VizError(
      'INVALID_DATA',
      `${caller}: images has ${data.length} values, but the shape [${shape.join(', ')}] reaches from ${least} to ${greatest}.`,
    );
  }
}

/** Reads the images at `indices`. `normalise` defaults to `none` for 8-bit and to `image` for float. */
export function readImages(
  images: ImageArray,
  indices: readonly number[],
  normalise?: Normalise,
): GreyImage[] {
  const { data, shape, offset = 0 } = images;
  const [, height, width] = shape as [number, number, number];
  const stride = images.stride ?? rowMajor(shape);
  const integer = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  const mode = normalise ?? (integer ? 'none' : 'image');
  const planes = indices.map((index) => {
    const plane = new Float64Array(height * width);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        plane[y * width + x] = data[offset + index * stride[0]! + y * stride[1]! + x * stride[2]!]!;
      }
    }
    return plane;
  });
  const shared = mode === 'batch' ? rangeOf(planes) : ([0, integer ? 255 : 1] as const);
  return planes.map((plane) => toGrey(plane, width, height, mode === 'image' ? rangeOf([plane]) : shared));
}

function toGrey(
  plane: Float64Array,
  width: number,
  height: number,
  [low, high]: readonly [number, number],
): GreyImage {
  const ink = new Uint8Array(plane.length);
  const invalid = new Uint8Array(plane.length);
  let wrong = false;
  const scale = high > low ? 255 / (high - low) : 0;
  plane.forEach((value, pixel) => {
    if (Number.isFinite(value)) {
      ink[pixel] = Math.max(0, Math.min(255, Math.round((value - low) * scale)));
    } else {
      invalid[pixel] = 1;
      wrong = true;
    }
  });
  return wrong ? { width, height, ink, invalid } : { width, height, ink };
}

function rangeOf(planes: readonly Float64Array[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const plane of planes) {
    for (const value of plane) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

function rowMajor(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) stride[axis] = stride[axis + 1]! * shape[axis + 1]!;
  return stride;
}
