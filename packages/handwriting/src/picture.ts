import { HandwritingError } from './handwriting-error.js';

/**
 * A decoded picture: rows from the top, pixels from the left, 8 bits a channel. A browser's `ImageData` is one.
 * `data` holds `width * height` pixels of 1 (grey), 3 (red, green, blue) or 4 (with alpha, not premultiplied) channels;
 * how many follows from its length.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Pictures with a shorter side than this hold no digit that anything could read. */
const SHORTEST_SIDE = 8;

/** @throws HandwritingError INVALID_PICTURE, TOO_SMALL */
export function channelsOf(picture: Picture): 1 | 3 | 4 {
  const { width, height, data } = picture;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new HandwritingError(
      'INVALID_PICTURE',
      `The picture is ${width} x ${height}; expected two whole numbers above 0. Give { width, height, data }, such as ImageData.`,
    );
  const channels =
    data instanceof Uint8Array || data instanceof Uint8ClampedArray ? data.length / (width * height) : 0;
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new HandwritingError(
      'INVALID_PICTURE',
      `The picture's data holds ${data?.length ?? 0} values for ${width} x ${height} pixels; expected a Uint8Array or Uint8ClampedArray of 1, 3 or 4 values a pixel.`,
    );
  if (Math.min(width, height) < SHORTEST_SIDE)
    throw new HandwritingError(
      'TOO_SMALL',
      `${width} x ${height} pixels are too few for a digit; expected at least ${SHORTEST_SIDE} x ${SHORTEST_SIDE}. Scan or photograph it larger.`,
    );
  return channels;
}
