import { type Draw, type Stamp, segmentDistance } from './canvas.js';

type Point = readonly [number, number];

/** Part of an ellipse as points; angles in degrees, 0 to the right, 90 down. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] {
  const steps = Math.max(6, Math.ceil(Math.abs(to - from) / 12));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
  });
}

/** Pen strokes of each digit, in a square of side 1, written two ways. */
const strokes: readonly (readonly Point[][][])[] = [
  [[arc(0.5, 0.5, 0.26, 0.42, -80, 285)], [arc(0.5, 0.5, 0.32, 0.4, -110, 252)]],
  [
    [
      [
        [0.52, 0.08],
        [0.48, 0.92],
      ],
    ],
    [
      [
        [0.34, 0.26],
        [0.54, 0.08],
        [0.52, 0.92],
      ],
    ],
  ],
  [
    [[...arc(0.5, 0.32, 0.25, 0.24, 195, 385), [0.24, 0.9], [0.78, 0.88]]],
    [
      [
        ...arc(0.48, 0.3, 0.22, 0.22, 180, 400),
        [0.3, 0.82],
        ...arc(0.33, 0.84, 0.07, 0.07, 100, 300),
        [0.76, 0.92],
      ],
    ],
  ],
  [
    [[...arc(0.46, 0.29, 0.24, 0.21, 200, 440), ...arc(0.46, 0.7, 0.27, 0.22, -85, 165)]],
    [[[0.28, 0.1], [0.7, 0.1], [0.47, 0.42], ...arc(0.46, 0.66, 0.26, 0.24, -80, 150)]],
  ],
  [
    [
      [
        [0.56, 0.08],
        [0.2, 0.62],
        [0.82, 0.6],
      ],
      [
        [0.62, 0.36],
        [0.6, 0.94],
      ],
    ],
    [
      [
        [0.28, 0.08],
        [0.25, 0.5],
        [0.74, 0.5],
      ],
      [
        [0.72, 0.1],
        [0.7, 0.94],
      ],
    ],
  ],
  [
    [[[0.74, 0.1], [0.34, 0.11], [0.3, 0.45], ...arc(0.48, 0.66, 0.25, 0.24, -115, 145)]],
    [
      [[0.36, 0.12], [0.32, 0.46], ...arc(0.47, 0.67, 0.25, 0.23, -115, 150)],
      [
        [0.38, 0.13],
        [0.76, 0.1],
      ],
    ],
  ],
  [
    [[[0.64, 0.07], [0.4, 0.3], ...arc(0.5, 0.68, 0.23, 0.24, 200, 560)]],
    [[...arc(0.62, 0.5, 0.36, 0.43, -100, -185), ...arc(0.5, 0.7, 0.24, 0.22, 180, 545)]],
  ],
  [
    [
      [
        [0.24, 0.12],
        [0.76, 0.1],
        [0.44, 0.92],
      ],
    ],
    [
      [
        [0.22, 0.14],
        [0.74, 0.1],
        [0.6, 0.45],
        [0.46, 0.92],
      ],
      [
        [0.4, 0.52],
        [0.74, 0.48],
      ],
    ],
  ],
  [
    [[...arc(0.5, 0.29, 0.2, 0.2, 90, 450), ...arc(0.5, 0.7, 0.24, 0.22, -90, 270)]],
    [
      [
        ...arc(0.5, 0.29, 0.2, 0.2, -20, -225),
        ...arc(0.5, 0.7, 0.24, 0.22, -50, 200),
        [0.36, 0.52],
        [0.68, 0.3],
        [0.66, 0.2],
      ],
    ],
  ],
  [
    [[...arc(0.48, 0.31, 0.22, 0.22, -10, -360), [0.68, 0.6], [0.6, 0.93]]],
    [[...arc(0.5, 0.31, 0.23, 0.22, -20, -350), [0.71, 0.9]]],
  ],
];

/** A digit that can be inked at any size. */
export interface Digit {
  readonly label: number;
  readonly source: 'pen' | 'mnist';
  /** @param pen stroke width as a share of the side; a digit of MNIST has its own */
  ink(side: number, pen: number): Stamp;
}

/** One of the pen strokes above with its points, slant and proportions varied as a hand would. */
export function penDigit(label: number, draw: Draw): Digit {
  const style = strokes[label]![draw.whole(0, 1)]!;
  const slant = draw.uniform(-0.12, 0.22);
  const wide = draw.uniform(0.85, 1.1);
  const turn = draw.uniform(-0.1, 0.1);
  const lines = style.map((line) => {
    const driftX = draw.uniform(-0.015, 0.015);
    const driftY = draw.uniform(-0.015, 0.015);
    return line.map(([x, y]): Point => {
      const u = (x - 0.5) * wide + slant * (0.5 - y) + driftX + 0.006 * draw.gaussian();
      const v = y - 0.5 + driftY + 0.006 * draw.gaussian();
      return [0.5 + u * Math.cos(turn) - v * Math.sin(turn), 0.5 + u * Math.sin(turn) + v * Math.cos(turn)];
    });
  });
  return {
    label,
    source: 'pen',
    ink(side, pen) {
      const data = new Float32Array(side * side);
      const width = Math.max(1, pen * side);
      // Room for the pen's own width at the edges.
      const scale = side - width - 2;
      const segments = lines.flatMap((line) => line.slice(1).map((to, i) => [line[i]!, to] as const));
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          let nearest = Number.POSITIVE_INFINITY;
          for (const [[x0, y0], [x1, y1]] of segments)
            nearest = Math.min(
              nearest,
              segmentDistance(
                x + 0.5 - side / 2,
                y + 0.5 - side / 2,
                (x0 - 0.5) * scale,
                (y0 - 0.5) * scale,
                (x1 - 0.5) * scale,
                (y1 - 0.5) * scale,
              ),
            );
          data[y * side + x] = Math.min(1, Math.max(0, width / 2 + 0.5 - nearest));
        }
      return { side, data };
    },
  };
}

/** A digit of MNIST, enlarged smoothly and given a pen's edge again. @param pixels uint8, 784 */
export function mnistDigit(label: number, pixels: Uint8Array): Digit {
  return {
    label,
    source: 'mnist',
    ink(side) {
      const data = new Float32Array(side * side);
      // The digit's own box of 20 x 20 fills the square.
      const step = 22 / side;
      const at = (x: number, y: number) =>
        x < 0 || y < 0 || x > 27 || y > 27 ? 0 : pixels[y * 28 + x]! / 255;
      const edge = Math.max(1, 0.35 / step);
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const u = 3 + (x + 0.5) * step - 0.5;
          const v = 3 + (y + 0.5) * step - 0.5;
          const x0 = Math.floor(u);
          const y0 = Math.floor(v);
          let sum = 0;
          let weight = 0;
          for (let j = y0 - 1; j <= y0 + 2; j++)
            for (let i = x0 - 1; i <= x0 + 2; i++) {
              const w = Math.exp(-((u - i) ** 2 + (v - j) ** 2) / 0.7);
              sum += w * at(i, j);
              weight += w;
            }
          const value = sum / weight;
          data[y * side + x] =
            step > 0.7 ? value : Math.min(1, Math.max(0, 0.5 + (value - 0.45) * edge * 1.6));
        }
      return { side, data };
    },
  };
}
