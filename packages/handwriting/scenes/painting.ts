import sharp, { type Sharp } from 'sharp';
import { readPicture } from '../src/node.js';
import type { Picture } from '../src/picture.js';
import { Canvas, type Colour, type Draw, type Stamp } from './canvas.js';
import type { Digit } from './digits.js';

/** Paints a digit as people show theirs. */
export interface Scene {
  readonly name: string;
  readonly paint: (digit: Digit, draw: Draw) => Picture | Promise<Picture>;
}

export const white: Colour = [0.97, 0.97, 0.96];
export const black: Colour = [0.1, 0.1, 0.12];
export const blue: Colour = [0.12, 0.2, 0.55];
export const smooth = (from: number, to: number, value: number) => {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
};

/** A digit somewhere near the middle of a canvas, of about `share` of its shorter side. */
export function write(
  canvas: Canvas,
  digit: Digit,
  draw: Draw,
  { share = 0.5, pen = 0.09, colour = black, opacity = 1, x = 0.5, y = 0.5, wander = 0.06 } = {},
): Canvas {
  const shorter = Math.min(canvas.width, canvas.height);
  const side = Math.round(share * shorter * draw.uniform(0.92, 1.08));
  const stamp = digit.ink(side, pen * draw.uniform(0.85, 1.15));
  const left = Math.round(canvas.width * x - side / 2 + draw.uniform(-wander, wander) * shorter);
  const top = Math.round(canvas.height * y - side / 2 + draw.uniform(-wander, wander) * shorter);
  return canvas.stamp(stamp, left, top, colour as Colour, opacity);
}

export const sheet = (width = 320, height = 240, paper: Colour = white) => new Canvas(width, height, paper);

export async function throughFile(picture: Picture, encode: (image: Sharp) => Sharp): Promise<Picture> {
  const { width, height, data } = picture;
  const bytes = await encode(sharp(data, { raw: { width, height, channels: 4 } })).toBuffer();
  return readPicture(new Uint8Array(bytes));
}

/** Grains that leave a stroke unevenly covered. */
export function grainy(stamp: Stamp, draw: Draw, least: number): Stamp {
  return { side: stamp.side, data: stamp.data.map((value) => value * draw.uniform(least, 1)) };
}

export const ruled = (
  canvas: Canvas,
  spacing: number,
  colour: Colour,
  opacity: number,
  slope = 0,
  width = 1.2,
) => {
  for (let y = spacing * 0.7; y < canvas.height * 1.3; y += spacing)
    canvas.line(-5, y, canvas.width + 5, y - slope * canvas.width, width, colour, opacity);
  return canvas;
};

export const squared = (
  canvas: Canvas,
  spacing: number,
  colour: Colour,
  opacity: number,
  slope = 0,
  width = 1.2,
) => {
  ruled(canvas, spacing, colour, opacity, slope, width);
  for (let x = spacing * 0.4 - slope * canvas.height; x < canvas.width * 1.2; x += spacing)
    canvas.line(x, -5, x + slope * canvas.height, canvas.height + 5, width, colour, opacity);
  return canvas;
};
