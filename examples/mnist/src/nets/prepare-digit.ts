import { decode } from 'fast-png';
import ndarray, { type NdArray } from 'ndarray';
import { UsageError } from '../ui/errors.js';

/** Side of the box that MNIST fits a digit into, and of the whole image. LeCun et al. 1998, section III.A. */
const boxSide = 20;
const side = 28;

/**
 * Brings a picture of one digit into MNIST's form: white ink on black, the ink's bounding box scaled to fit
 * 20x20 pixels, its centre of mass in the middle of 28x28. A 28x28 picture that already has a black background is
 * taken as it is.
 *
 * @param png bytes of a PNG file: grey or colour, 1 to 16 bits, with or without alpha
 * @returns uint8, [28, 28]
 */
export function prepareDigit(png: Uint8Array, fileName: string): NdArray<Uint8Array> {
  const { ink, width, height, inverted } = readInk(png, fileName);
  if (width === side && height === side && !inverted) {
    return ndarray(
      Uint8Array.from(ink, (value) => Math.round(value * 255)),
      [side, side],
    );
  }
  const box = boundingBox(ink, width, height);
  if (!box) {
    throw new UsageError(
      `${fileName}: no digit found: every pixel has the same brightness. Expected dark ink on a light ground or the reverse.`,
    );
  }
  const scale = boxSide / Math.max(box.right - box.left, box.bottom - box.top);
  const scaledWidth = Math.max(1, Math.round((box.right - box.left) * scale));
  const scaledHeight = Math.max(1, Math.round((box.bottom - box.top) * scale));
  const small = new Float64Array(scaledWidth * scaledHeight);
  for (let y = 0; y < scaledHeight; y++) {
    for (let x = 0; x < scaledWidth; x++) {
      small[y * scaledWidth + x] = areaMean(
        ink,
        width,
        box,
        x / scaledWidth,
        (x + 1) / scaledWidth,
        y / scaledHeight,
        (y + 1) / scaledHeight,
      );
    }
  }
  return centreByMass(small, scaledWidth, scaledHeight);
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Brightness of ink per pixel, 0 to 1, whichever way round the picture was drawn. */
function readInk(png: Uint8Array, fileName: string) {
  let image: ReturnType<typeof decode>;
  try {
    image = decode(png);
  } catch (error) {
    throw new UsageError(
      `${fileName}: not a readable PNG file (${(error as Error).message}). Expected a PNG picture of one digit.`,
    );
  }
  const { width, height, channels, depth, data, palette } = image;
  if (width * height < 16)
    throw new UsageError(
      `${fileName}: ${width}x${height} pixels are too few for a digit; expected at least 8x8.`,
    );
  const top = 2 ** depth - 1;
  const ink = new Float64Array(width * height);
  const sample = (index: number): number => {
    if (depth >= 8) return data[index]!;
    const perRow = Math.ceil((width * channels * depth) / 8);
    const row = Math.floor(index / (width * channels));
    const bit = (index % (width * channels)) * depth;
    return (data[row * perRow + (bit >> 3)]! >> (8 - depth - (bit & 7))) & top;
  };
  for (let i = 0; i < ink.length; i++) {
    if (palette) {
      const [red, green, blue] = palette[sample(i)] as number[];
      ink[i] = luma(red! / 255, green! / 255, blue! / 255);
      continue;
    }
    const at = i * channels;
    const grey =
      channels < 3 ? sample(at) / top : luma(sample(at) / top, sample(at + 1) / top, sample(at + 2) / top);
    const alpha = channels === 2 || channels === 4 ? sample(at + channels - 1) / top : 1;
    // Transparent means paper, and paper is white.
    ink[i] = grey * alpha + (1 - alpha);
  }
  const inverted = borderMean(ink, width, height) > 0.5;
  if (inverted) for (let i = 0; i < ink.length; i++) ink[i] = 1 - ink[i]!;
  const exact = width === side && height === side && !inverted;
  return { ink: exact ? ink : stretch(ink), width, height, inverted };
}

const luma = (red: number, green: number, blue: number) => 0.299 * red + 0.587 * green + 0.114 * blue;

function borderMean(ink: Float64Array, width: number, height: number): number {
  let sum = 0;
  for (let x = 0; x < width; x++) sum += ink[x]! + ink[(height - 1) * width + x]!;
  for (let y = 0; y < height; y++) sum += ink[y * width]! + ink[y * width + width - 1]!;
  return sum / (2 * (width + height));
}

/** Full contrast: the paper to 0, the darkest ink to 1. */
function stretch(ink: Float64Array): Float64Array {
  const low = ink.reduce((a, b) => Math.min(a, b), 1);
  const high = ink.reduce((a, b) => Math.max(a, b), 0);
  if (high - low < 0.05) return new Float64Array(ink.length);
  return ink.map((value) => (value - low) / (high - low));
}

function boundingBox(ink: Float64Array, width: number, height: number): Box | undefined {
  const box: Box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x]! < 0.3) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  }
  return box.right > box.left ? box : undefined;
}

/** Mean ink over a part of the box; coordinates are fractions of the box. */
function areaMean(
  ink: Float64Array,
  width: number,
  box: Box,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
): number {
  const left = box.left + x0 * (box.right - box.left);
  const right = box.left + x1 * (box.right - box.left);
  const top = box.top + y0 * (box.bottom - box.top);
  const bottom = box.top + y1 * (box.bottom - box.top);
  let sum = 0;
  let weight = 0;
  for (let y = Math.floor(top); y < Math.ceil(bottom); y++) {
    const high = Math.min(bottom, y + 1) - Math.max(top, y);
    for (let x = Math.floor(left); x < Math.ceil(right); x++) {
      const area = high * (Math.min(right, x + 1) - Math.max(left, x));
      sum += area * ink[y * width + x]!;
      weight += area;
    }
  }
  return weight > 0 ? sum / weight : 0;
}

function centreByMass(small: Float64Array, width: number, height: number): NdArray<Uint8Array> {
  let mass = 0;
  let massX = 0;
  let massY = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = small[y * width + x]!;
      mass += value;
      massX += value * (x + 0.5);
      massY += value * (y + 0.5);
    }
  }
  const left = Math.max(0, Math.min(side - width, Math.round(side / 2 - massX / mass)));
  const top = Math.max(0, Math.min(side - height, Math.round(side / 2 - massY / mass)));
  const out = ndarray(new Uint8Array(side * side), [side, side]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      out.set(top + y, left + x, Math.round(255 * Math.min(1, small[y * width + x]!)));
  }
  return out;
}
