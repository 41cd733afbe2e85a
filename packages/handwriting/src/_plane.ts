/** One value a pixel, rows from the top. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** One truth a pixel, 0 or 1. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Half-open: right and bottom are the first column and row outside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const plane = (width: number, height: number): Plane => ({
  width,
  height,
  data: new Float32Array(width * height),
});

export function cropPlane(source: Plane, box: Box): Plane {
  const out = plane(box.right - box.left, box.bottom - box.top);
  for (let y = 0; y < out.height; y++) {
    const from = (box.top + y) * source.width + box.left;
    out.data.set(source.data.subarray(from, from + out.width), y * out.width);
  }
  return out;
}

/** Resizes by the mean over each target pixel's area: exact for shrinking, blocks for enlarging. */
export function resizeByArea(source: Plane, width: number, height: number): Plane {
  const across = areaWeights(source.width, width);
  const down = areaWeights(source.height, height);
  const rows = new Float32Array(width * source.height);
  for (let y = 0; y < source.height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      const { first, weights } = across[x]!;
      for (let k = 0; k < weights.length; k++)
        sum += weights[k]! * source.data[y * source.width + first + k]!;
      rows[y * width + x] = sum;
    }
  }
  const out = plane(width, height);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y]!;
    for (let k = 0; k < weights.length; k++) {
      const weight = weights[k]!;
      const from = (first + k) * width;
      for (let x = 0; x < width; x++) out.data[y * width + x]! += weight * rows[from + x]!;
    }
  }
  return out;
}

function areaWeights(from: number, to: number) {
  return Array.from({ length: to }, (_, index) => {
    const start = (index * from) / to;
    const end = Math.min(from, ((index + 1) * from) / to);
    const first = Math.floor(start);
    const last = Math.min(from, Math.max(first + 1, Math.ceil(end - 1e-9)));
    const weights = Array.from(
      { length: last - first },
      (_, k) => (Math.min(end, first + k + 1) - Math.max(start, first + k)) / (end - start),
    );
    return { first, weights };
  });
}

/** Enlarges by a whole factor with bilinear interpolation. */
export function enlarge(source: Plane, factor: number): Plane {
  const { width, height, data } = source;
  const out = plane(width * factor, height * factor);
  for (let y = 0; y < out.height; y++) {
    const v = Math.min(height - 1, Math.max(0, (y + 0.5) / factor - 0.5));
    const y0 = Math.floor(v);
    const y1 = Math.min(height - 1, y0 + 1);
    for (let x = 0; x < out.width; x++) {
      const u = Math.min(width - 1, Math.max(0, (x + 0.5) / factor - 0.5));
      const x0 = Math.floor(u);
      const x1 = Math.min(width - 1, x0 + 1);
      const top = data[y0 * width + x0]! * (1 - u + x0) + data[y0 * width + x1]! * (u - x0);
      const low = data[y1 * width + x0]! * (1 - u + x0) + data[y1 * width + x1]! * (u - x0);
      out.data[y * out.width + x] = top * (1 - v + y0) + low * (v - y0);
    }
  }
  return out;
}

/** Gaussian blur; the border repeats. */
export function blur(source: Plane, sigma: number): Plane {
  if (sigma <= 0) return source;
  const radius = Math.ceil(sigma * 3);
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= total;
  const { width, height } = source;
  const rows = new Float32Array(source.data.length);
  const line = new Float32Array(Math.max(width, height) + 2 * radius);
  for (let y = 0; y < height; y++) {
    for (let x = -radius; x < width + radius; x++)
      line[x + radius] = source.data[y * width + Math.min(width - 1, Math.max(0, x))]!;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * line[x + k]!;
      rows[y * width + x] = sum;
    }
  }
  const out = plane(width, height);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < kernel.length; k++) {
      const from = Math.min(height - 1, Math.max(0, y + k - radius)) * width;
      const weight = kernel[k]!;
      for (let x = 0; x < width; x++) out.data[y * width + x]! += weight * rows[from + x]!;
    }
  }
  return out;
}

/** Largest value within a square of 2 * radius + 1 pixels. */
export const largestNearby = (source: Plane, radius: number): Plane => extremes(source, radius, 1);

/** Smallest value within a square of 2 * radius + 1 pixels. */
export const smallestNearby = (source: Plane, radius: number): Plane => extremes(source, radius, -1);

/** Van Herk's running maximum (Pattern Recognition Letters 13, 1992): three comparisons a pixel, whatever the radius. */
function extremes({ width, height, data }: Plane, radius: number, sign: 1 | -1): Plane {
  const out = plane(width, height);
  const across = out.data;
  const window = 2 * radius + 1;
  const length = Math.ceil((width + 2 * radius) / window) * window;
  const line = new Float32Array(length).fill(Number.NEGATIVE_INFINITY);
  const forward = new Float32Array(length);
  const backward = new Float32Array(length);
  for (let start = 0; start < data.length; start += width) {
    for (let i = 0; i < width; i++) line[i + radius] = sign * data[start + i]!;
    for (let block = 0; block < length; block += window) {
      const end = block + window - 1;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = block; i <= end; i++) {
        const value = line[i]!;
        if (value > high) high = value;
        forward[i] = high;
      }
      high = Number.NEGATIVE_INFINITY;
      for (let i = end; i >= block; i--) {
        const value = line[i]!;
        if (value > high) high = value;
        backward[i] = high;
      }
    }
    for (let i = 0; i < width; i++) {
      const a = backward[i]!;
      const b = forward[i + 2 * radius]!;
      across[start + i] = Math.max(a, b);
    }
  }
  return extremesDown(out, radius, sign);
}

/** The same from row to row, a whole row at a time: memory is read as it lies. */
function extremesDown({ width, height, data }: Plane, radius: number, sign: 1 | -1): Plane {
  const window = 2 * radius + 1;
  const forward = data.slice();
  const backward = data.slice();
  // Row y of the padded picture is row y - radius of the picture; blocks of `window` rows start at multiples of it.
  for (let y = 1; y < height; y++) {
    if ((y + radius) % window === 0) continue;
    for (let i = y * width; i < (y + 1) * width; i++) {
      const before = forward[i - width]!;
      if (before > forward[i]!) forward[i] = before;
    }
  }
  for (let y = height - 2; y >= 0; y--) {
    if ((y + radius) % window === window - 1) continue;
    for (let i = y * width; i < (y + 1) * width; i++) {
      const before = backward[i + width]!;
      if (before > backward[i]!) backward[i] = before;
    }
  }
  const out = plane(width, height);
  for (let y = 0; y < height; y++) {
    const at = y * width;
    const low = Math.max(0, y - radius);
    const high = Math.min(height - 1, y + radius);
    // A window that sticks out may lie within one block, of which only one of the passes stays inside the window.
    const oneBlock = Math.floor((low + radius) / window) === Math.floor((high + radius) / window);
    const a = oneBlock && low > y - radius ? forward : backward;
    const b = oneBlock && high < y + radius ? backward : forward;
    const aAt = (a === forward ? high : low) * width;
    const bAt = (b === backward ? low : high) * width;
    for (let x = 0; x < width; x++) {
      const one = a[aAt + x]!;
      const other = b[bAt + x]!;
      out.data[at + x] = sign * Math.max(one, other);
    }
  }
  return out;
}

/** The value below which `share` of the pixels lie; from a sample of some 5,000. */
export function quantile(data: Float32Array, share: number): number {
  const stride = Math.max(1, Math.floor(data.length / 5_000));
  const sample = new Float32Array(Math.ceil(data.length / stride));
  for (let i = 0, at = 0; at < data.length; i++, at += stride) sample[i] = data[at]!;
  sample.sort();
  return sample[Math.min(sample.length - 1, Math.floor(share * sample.length))]!;
}

/**
 * Euclidean distance, in pixels, from each pixel to the nearest pixel where `mask` is `target`; huge where there is none.
 * Down each column by two scans, then along each row as the lower envelope of parabolas (Felzenszwalb and Huttenlocher,
 * Theory of Computing 8, 2012).
 */
export function distanceTo({ width, height, data }: Mask, target: 0 | 1): Plane {
  const out = plane(width, height);
  const squares = out.data;
  const far = 1e4;
  for (let i = 0; i < squares.length; i++)
    squares[i] = data[i] === target ? 0 : i < width ? far : Math.min(far, squares[i - width]! + 1);
  for (let i = squares.length - width - 1; i >= 0; i--)
    squares[i] = Math.min(squares[i]!, squares[i + width]! + 1);
  for (let i = 0; i < squares.length; i++) squares[i]! *= squares[i]!;
  const values = new Float64Array(width);
  const sites = new Int32Array(width);
  const edges = new Float64Array(width + 1);
  for (let start = 0; start < squares.length; start += width) {
    let highest = 0;
    for (let i = 0; i < width; i++) {
      const value = squares[start + i]!;
      values[i] = value;
      if (value > highest) highest = value;
    }
    // Most rows of a picture hold no ink.
    if (highest === 0) continue;
    let last = 0;
    sites[0] = 0;
    edges[0] = Number.NEGATIVE_INFINITY;
    edges[1] = Number.POSITIVE_INFINITY;
    for (let q = 1; q < width; q++) {
      let edge: number;
      for (;;) {
        const p = sites[last]!;
        edge = (values[q]! + q * q - values[p]! - p * p) / (2 * (q - p));
        if (edge > edges[last]!) break;
        last--;
      }
      last++;
      sites[last] = q;
      edges[last] = edge;
      edges[last + 1] = Number.POSITIVE_INFINITY;
    }
    for (let i = 0, k = 0; i < width; i++) {
      while (edges[k + 1]! < i) k++;
      const site = sites[k]!;
      squares[start + i] = Math.sqrt((i - site) ** 2 + values[site]!);
    }
  }
  return out;
}
