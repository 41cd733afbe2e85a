import { open } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { checkPng } from './_check-png.js';
import { decodeBmp } from './_decode-bmp.js';
import { sniffFormat } from './_sniff-format.js';
import { HandwritingError } from './handwriting-error.js';
import type { Picture } from './picture.js';

/** Limits, checked against the file's header before anything is decoded. */
export interface ReadLimits {
  /** Largest file, in bytes. Default 50 MB. */
  readonly maxBytes?: number;
  /** Most pixels. Default 50 million; a quarter of it where a format must be decoded as a whole (interlaced, WebP, GIF, BMP). */
  readonly maxPixels?: number;
  /** Longest side of the picture returned; a larger one is shrunk while it is decoded. Default 1600. */
  readonly longestSide?: number;
}

export const readDefaults = {
  maxBytes: 50_000_000,
  maxPixels: 50_000_000,
  longestSide: 1600,
} as const satisfies ReadLimits;

/** Longest side that is read: libvips holds some hundred rows at once. */
const LONGEST_SIDE = 16_384;
/** Longest time that one picture may take to decode. */
const SECONDS = 20;

/**
 * Reads a picture: PNG, JPEG, WebP, GIF, TIFF, AVIF (first frame or page), or BMP. It is turned as its EXIF data say, its
 * colours are brought to sRGB and 8 bits.
 *
 * @param source path of a file, or its bytes
 * @returns red, green, blue, alpha
 * @throws HandwritingError FILE_ACCESS, UNKNOWN_FORMAT, UNSUPPORTED_FORMAT, DAMAGED_FILE, TOO_MANY_BYTES,
 *   TOO_MANY_PIXELS, NO_DECODER, INVALID_OPTION
 */
export async function readPicture(source: string | Uint8Array, limits: ReadLimits = {}): Promise<Picture> {
  const { maxBytes, maxPixels, longestSide } = readLimits(limits);
  const name = typeof source === 'string' ? source : 'The picture';
  const bytes = typeof source === 'string' ? await readBytes(source, maxBytes) : source;
  if (!(bytes instanceof Uint8Array))
    throw new HandwritingError(
      'INVALID_OPTION',
      `readPicture: source is ${typeof bytes}; expected a path or the file's bytes as a Uint8Array.`,
    );
  refuseBytes(name, bytes.byteLength, maxBytes);
  const format = sniffFormat(name, bytes);
  const refusePixels = (width: number, height: number, most: number) => {
    if (Math.max(width, height) > LONGEST_SIDE || width * height > most)
      throw new HandwritingError(
        'TOO_MANY_PIXELS',
        `${name}: ${width} x ${height} is ${Math.round((width * height) / 1e6)} million pixels; expected at most ${Math.round(most / 1e6)} million, and ${LONGEST_SIDE} a side. Shrink the picture, or raise maxPixels.`,
      );
  };
  if (format === 'BMP')
    return decodeBmp(name, bytes, (width, height) => refusePixels(width, height, maxPixels / 4));
  if (format === 'PNG') checkPng(name, bytes);
  const sharp = await loadSharp();
  const options = { limitInputPixels: false, failOn: 'error', sequentialRead: true, pages: 1 } as const;
  try {
    const { width, height, isProgressive } = await sharp(bytes, options).metadata();
    const whole = isProgressive || format === 'WebP' || format === 'GIF' || format === 'AVIF';
    refusePixels(width, height, whole ? maxPixels / 4 : maxPixels);
    return await decode(
      sharp(bytes, options)
        .autoOrient()
        .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true }),
    );
  } catch (error) {
    if (error instanceof HandwritingError) throw error;
    throw new HandwritingError(
      'DAMAGED_FILE',
      `${name}: a damaged ${format} file (${String((error as Error).message).split('\n')[0]}). Expected a whole one. Save or download it again.`,
      { cause: error },
    );
  }
}

async function decode(pipeline: Sharp): Promise<Picture> {
  const { data, info } = await pipeline
    .timeout({ seconds: SECONDS })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}

/** libvips comes as a prebuilt package for each platform; one without it can still use BMP files and `ImageData`. */
async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new HandwritingError(
      'NO_DECODER',
      `The decoder 'sharp' cannot be loaded on ${process.platform}-${process.arch} (${String((cause as Error).message).split('\n')[0]}). Install the package again without --omit=optional, or give decoded pixels to prepareDigit.`,
      { cause },
    );
  }
}

/** Reads a file, and no more of it than the limit. */
async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const status = await file.stat();
      if (!status.isFile()) throw new Error('not a file');
      refuseBytes(path, status.size, maxBytes);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof HandwritingError) throw cause;
    throw new HandwritingError(
      'FILE_ACCESS',
      `${path}: cannot be read (${(cause as Error).message}). Expected a picture file. Check the path and its permissions.`,
      { cause },
    );
  }
}

function refuseBytes(name: string, size: number, maxBytes: number): void {
  if (size > maxBytes)
    throw new HandwritingError(
      'TOO_MANY_BYTES',
      `${name}: ${size} bytes; expected at most ${maxBytes}. Shrink the picture, or raise maxBytes.`,
    );
}

function readLimits(limits: ReadLimits): Required<ReadLimits> {
  for (const [key, value] of Object.entries(limits)) {
    if (!(key in readDefaults))
      throw new HandwritingError(
        'INVALID_OPTION',
        `readPicture: unknown option '${key}'. Expected: ${Object.keys(readDefaults).join(', ')}.`,
      );
    if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0))
      throw new HandwritingError(
        'INVALID_OPTION',
        `readPicture: ${key} is ${String(value)}; expected a whole number above 0, such as ${readDefaults[key as keyof ReadLimits]}.`,
      );
  }
  return {
    maxBytes: limits.maxBytes ?? readDefaults.maxBytes,
    maxPixels: limits.maxPixels ?? readDefaults.maxPixels,
    longestSide: limits.longestSide ?? readDefaults.longestSide,
  };
}
