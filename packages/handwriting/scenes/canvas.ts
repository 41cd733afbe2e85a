import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seeded draws, uniform in 0..1 and Gaussian. */
export class Draw {
  readonly #generator;
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
    for (let i = 0; i < 8; i++) this.#generator.next();
  }
  uniform(low = 0, high = 1): number {
    return low + ((this.#generator.next() >>> 0) / 2 ** 32) * (high - low);
  }
  whole(low: number, high: number): number {
    return Math.floor(this.uniform(low, high + 1));
  }
  gaussian(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

export type Colour = readonly [number, number, number];

/** How much of a stroke covers each pixel of a square, 0 to 1. */
export interface Stamp {
  readonly side: number;
  readonly data: Float32Array;
}

/** A scene being painted: light of red, green and blue, 0 to 1. */
export class Canvas {
  readonly data: Float32Array;
  constructor(
    readonly width: number,
    readonly height: number,
    paper: Colour = [1, 1, 1],
  ) {
    this.data = new Float32Array(width * height * 3);
    this.each(() => paper);
  }

  /** Replaces each pixel. */
  each(paint: (x: number, y: number, before: Colour) => Colour): this {
    for (let y = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++) {
        const at = (y * this.width + x) * 3;
        const after = paint(x, y, [this.data[at]!, this.data[at + 1]!, this.data[at + 2]!]);
        this.data.set(after, at);
      }
    return this;
  }

  /** Mixes a colour in where `cover` (0 to 1) says so. */
  cover(colour: Colour, cover: (x: number, y: number) => number): this {
    const { data } = this;
    for (let y = 0, at = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++, at += 3) {
        const share = Math.min(1, Math.max(0, cover(x, y)));
        if (share === 0) continue;
        for (let i = 0; i < 3; i++) data[at + i]! += share * (colour[i]! - data[at + i]!);
      }
    return this;
  }

  /** Multiplies the light of each pixel. */
  light(strength: (x: number, y: number) => number): this {
    const { data } = this;
    for (let y = 0, at = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++, at += 3) {
        const factor = strength(x, y);
        for (let i = 0; i < 3; i++) data[at + i]! *= factor;
      }
    return this;
  }

  stamp(stamp: Stamp, left: number, top: number, colour: Colour, opacity = 1): this {
    return this.cover(colour, (x, y) => {
      const u = x - left;
      const v = y - top;
      return u < 0 || v < 0 || u >= stamp.side || v >= stamp.side
        ? 0
        : opacity * stamp.data[Math.floor(v) * stamp.side + Math.floor(u)]!;
    });
  }

  /** A straight line with soft edges. */
  line(x0: number, y0: number, x1: number, y1: number, width: number, colour: Colour, opacity = 1): this {
    return this.cover(
      colour,
      (x, y) =>
        opacity *
        Math.min(1, Math.max(0, width / 2 + 0.5 - segmentDistance(x + 0.5, y + 0.5, x0, y0, x1, y1))),
    );
  }

  noise(draw: Draw, deviation: number, coloured = false): this {
    const { data } = this;
    for (let at = 0; at < data.length; at += 3) {
      const grey = deviation * draw.gaussian();
      for (let i = 0; i < 3; i++) data[at + i]! += coloured ? deviation * draw.gaussian() : grey;
    }
    return this;
  }

  /** Three box blurs, nearly a Gaussian. */
  blur(radius: number): this {
    for (let round = 0; round < 3; round++) {
      for (const [count, length, step, stride] of [
        [this.height, this.width, 3, this.width * 3],
        [this.width, this.height, this.width * 3, 3],
      ] as const) {
        const line = new Float32Array(length);
        for (let row = 0; row < count; row++)
          for (let channel = 0; channel < 3; channel++) {
            const start = row * stride + channel;
            for (let i = 0; i < length; i++) line[i] = this.data[start + i * step]!;
            for (let i = 0; i < length; i++) {
              let sum = 0;
              for (let k = -radius; k <= radius; k++) sum += line[Math.min(length - 1, Math.max(0, i + k))]!;
              this.data[start + i * step] = sum / (2 * radius + 1);
            }
          }
      }
    }
    return this;
  }

  /** Red, green, blue, alpha of 8 bits. */
  toPicture(alpha: (x: number, y: number) => number = () => 1) {
    const data = new Uint8Array(this.width * this.height * 4);
    for (let y = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++) {
        const i = y * this.width + x;
        for (let channel = 0; channel < 3; channel++)
          data[i * 4 + channel] = Math.round(255 * Math.min(1, Math.max(0, this.data[i * 3 + channel]!)));
        data[i * 4 + 3] = Math.round(255 * alpha(x, y));
      }
    return { width: this.width, height: this.height, data };
  }
}

export function segmentDistance(
  x: number,
  y: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): number {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}
