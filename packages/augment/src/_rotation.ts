import type { SamplePoints } from './_sample-points.js';

/** All that rotating a [height, width] image by a given angle needs to know: Pillow's matrix, Augmentor's inner box. */
export interface Rotation {
  /** A point (x, y) of the expanded canvas shows the point (ax + by + c, dx + ey + f) of the image. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  readonly canvasHeight: number;
  readonly canvasWidth: number;
  /** The box of the canvas that is kept. */
  readonly left: number;
  readonly top: number;
  readonly boxHeight: number;
  readonly boxWidth: number;
}

/**
 * Pillow's `Image.rotate(degrees, expand=True)` followed by the crop of Augmentor's `RotateRange`. Both round to whole
 * pixels, and Augmentor's formula for the box is not the largest inner rectangle that it means to be; it is kept as it
 * is, because nets were trained on its pictures.
 */
export function createRotation(height: number, width: number, degrees: number): Rotation {
  // Python's modulo takes the sign of the divisor: -5 becomes 355, and its sine is rounded from there.
  const turned = ((degrees % 360) + 360) % 360;
  const angle = -(turned * (Math.PI / 180));
  const cos = Number(Math.cos(angle).toFixed(15));
  const sin = Number(Math.sin(angle).toFixed(15));
  const negativeSin = Number((-Math.sin(angle)).toFixed(15));
  const centreX = width / 2;
  const centreY = height / 2;
  let c = cos * -centreX + sin * -centreY + 0 + centreX;
  let f = negativeSin * -centreX + cos * -centreY + 0 + centreY;
  const cornersX = [c, cos * width + c, cos * width + sin * height + c, sin * height + c];
  const cornersY = [f, negativeSin * width + f, negativeSin * width + cos * height + f, cos * height + f];
  const canvasWidth =
    turned === 0 ? width : Math.ceil(Math.max(...cornersX)) - Math.floor(Math.min(...cornersX));
  const canvasHeight =
    turned === 0 ? height : Math.ceil(Math.max(...cornersY)) - Math.floor(Math.min(...cornersY));
  const backX = -(canvasWidth - width) / 2;
  const backY = -(canvasHeight - height) / 2;
  const shiftedC = cos * backX + sin * backY + c;
  f = negativeSin * backX + cos * backY + f;
  c = shiftedC;

  const angleA = Math.abs(degrees) * (Math.PI / 180);
  const angleB = (90 - Math.abs(degrees)) * (Math.PI / 180);
  const ratio = Math.sin(angleA) / Math.sin(angleB);
  const marginX =
    ratio * (canvasHeight - canvasWidth * ratio) - Math.sin(angleA) ** 2 / Math.sin(angleB) ** 2;
  const marginY = ratio * (canvasWidth - marginX);
  const left = roundHalfToEven(marginX);
  const top = roundHalfToEven(marginY);
  return {
    a: cos,
    b: sin,
    c,
    d: negativeSin,
    e: cos,
    f,
    canvasHeight,
    canvasWidth,
    left,
    top,
    boxWidth: roundHalfToEven(canvasWidth - marginX) - left,
    boxHeight: roundHalfToEven(canvasHeight - marginY) - top,
  };
}

/** Python's `round`. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The points of a [height, width] image that the kept box shows, row by row. */
export function fillRotationPoints(
  points: SamplePoints,
  rotation: Rotation,
  height: number,
  width: number,
): void {
  const { a, b, c, d, e, f, left, top, boxHeight, boxWidth, canvasHeight, canvasWidth } = rotation;
  const { x: xs, y: ys } = points;
  // Where the four corners are inside, so is all between them.
  let allInside = left >= 0 && top >= 0 && left + boxWidth <= canvasWidth && top + boxHeight <= canvasHeight;
  for (let corner = 0; corner < 4; corner++) {
    const u = left + 0.5 + (corner & 1) * (boxWidth - 1);
    const v = top + 0.5 + (corner >> 1) * (boxHeight - 1);
    const x = a * u + b * v + c;
    const y = d * u + e * v + f;
    allInside = allInside && x >= 0 && x < width && y >= 0 && y < height;
  }
  let at = 0;
  for (let row = top; row < top + boxHeight; row++) {
    const v = row + 0.5;
    for (let column = left; column < left + boxWidth; column++, at++) {
      const u = column + 0.5;
      const x = a * u + b * v + c;
      const y = d * u + e * v + f;
      xs[at] = x;
      ys[at] = y;
      if (allInside) continue;
      const onCanvas = column >= 0 && column < canvasWidth && row >= 0 && row < canvasHeight;
      if (!(onCanvas && x >= 0 && x < width && y >= 0 && y < height)) xs[at] = -1;
    }
  }
}
