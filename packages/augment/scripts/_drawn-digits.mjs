// Ten digits drawn by hand as lines, for pictures and benchmarks where no data set may or can be had.
import ndarray from 'ndarray';

/** Lines through points of a 20 x 20 box. */
const strokes = [
  [
    [
      [10, 1],
      [6, 3],
      [4, 8],
      [4, 13],
      [7, 18],
      [11, 19],
      [15, 16],
      [16, 10],
      [15, 4],
      [10, 1],
    ],
  ],
  [
    [
      [6, 5],
      [10, 1],
      [11, 10],
      [10, 19],
    ],
  ],
  [
    [
      [4, 5],
      [7, 1],
      [12, 1],
      [15, 5],
      [13, 9],
      [8, 14],
      [4, 19],
      [10, 18],
      [16, 19],
    ],
  ],
  [
    [
      [5, 2],
      [11, 1],
      [14, 4],
      [12, 8],
      [8, 9],
      [13, 11],
      [15, 15],
      [11, 19],
      [5, 18],
    ],
  ],
  [
    [
      [8, 1],
      [5, 7],
      [4, 11],
      [10, 12],
      [16, 11],
    ],
    [
      [13, 4],
      [12, 12],
      [12, 19],
    ],
  ],
  [
    [
      [15, 1],
      [7, 2],
      [6, 9],
      [11, 8],
      [15, 12],
      [13, 17],
      [8, 19],
      [4, 17],
    ],
  ],
  [
    [
      [12, 1],
      [7, 5],
      [4, 12],
      [6, 18],
      [11, 19],
      [14, 15],
      [12, 11],
      [7, 12],
      [5, 15],
    ],
  ],
  [
    [
      [4, 2],
      [10, 2],
      [15, 1],
      [12, 8],
      [9, 14],
      [8, 19],
    ],
    [
      [7, 10],
      [14, 10],
    ],
  ],
  [
    [
      [10, 9],
      [6, 6],
      [7, 2],
      [11, 1],
      [14, 4],
      [10, 9],
      [6, 13],
      [6, 17],
      [10, 19],
      [14, 16],
      [13, 12],
      [10, 9],
    ],
  ],
  [
    [
      [14, 6],
      [10, 9],
      [6, 7],
      [6, 3],
      [10, 1],
      [14, 3],
      [14, 8],
      [13, 14],
      [11, 19],
    ],
  ],
];

/** One digit: uint8 [28, 28], 0 = background, strokes about 2.4 pixels wide with soft edges. */
export function drawDigit(digit) {
  const image = ndarray(new Uint8Array(28 * 28), [28, 28]);
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 28; x++) {
      let distance = Number.POSITIVE_INFINITY;
      for (const line of strokes[digit]) {
        for (let i = 1; i < line.length; i++) {
          distance = Math.min(distance, distanceTo(x - 4, y - 4, line[i - 1], line[i]));
        }
      }
      image.set(y, x, Math.round(255 * Math.min(Math.max(1.7 - distance, 0), 1)));
    }
  }
  return image;
}

function distanceTo(x, y, [x0, y0], [x1, y1]) {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const along = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0), 1);
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}
