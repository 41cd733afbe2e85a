import { HandwritingError } from './handwriting-error.js';
import type { Picture } from './picture.js';

/**
 * Decodes an uncompressed BMP of 1, 4, 8, 16, 24 or 32 bits a pixel, bottom-up or top-down. libvips as npm delivers it
 * reads none, and the decoders on npm leave out palettes.
 */
export function decodeBmp(
  name: string,
  bytes: Uint8Array,
  refusePixels: (width: number, height: number) => void,
): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (what: string) =>
    new HandwritingError(
      'DAMAGED_FILE',
      `${name}: a damaged BMP file (${what}). Expected a whole one. Save or download it again.`,
    );
  if (bytes.byteLength < 54) throw damaged(`${bytes.byteLength} bytes are too few for its headers`);
  const pixelsAt = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const depth = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (headerSize < 40 || ![1, 4, 8, 16, 24, 32].includes(depth) || ![0, 3, 6].includes(compression))
    throw new HandwritingError(
      'UNSUPPORTED_FORMAT',
      `${name}: a BMP file with header ${headerSize}, ${depth} bits a pixel and compression ${compression}. Expected an uncompressed one of 1 to 32 bits. Save it as PNG.`,
    );
  if (width < 1 || height < 1) throw damaged(`${width} x ${signedHeight} pixels`);
  refusePixels(width, height);
  const rowBytes = Math.ceil((width * depth) / 32) * 4;
  if (pixelsAt + rowBytes * height > bytes.byteLength)
    throw damaged(
      `${bytes.byteLength} bytes, where ${width} x ${height} pixels need ${pixelsAt + rowBytes * height}`,
    );
  const masks =
    compression === 0
      ? depth === 16
        ? [0x7c00, 0x3e0, 0x1f, 0]
        : [0xff0000, 0xff00, 0xff, 0]
      : [54, 58, 62, 66].map((at) =>
          at + 4 <= pixelsAt && (at < 66 || headerSize >= 56 || compression === 6)
            ? view.getUint32(at, true)
            : 0,
        );
  const paletteAt = 14 + headerSize;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = pixelsAt + rowBytes * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const out = (y * width + x) * 4;
      data[out + 3] = 255;
      if (depth <= 8) {
        const bit = x * depth;
        const index = (bytes[row + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
        const entry = paletteAt + index * 4;
        if (entry + 4 > pixelsAt)
          throw damaged(`pixel ${x}, ${y} names colour ${index}, which its palette lacks`);
        for (let channel = 0; channel < 3; channel++) data[out + channel] = bytes[entry + 2 - channel]!;
        continue;
      }
      if (depth === 24) {
        for (let channel = 0; channel < 3; channel++) data[out + channel] = bytes[row + x * 3 + 2 - channel]!;
        continue;
      }
      const value = depth === 16 ? view.getUint16(row + x * 2, true) : view.getUint32(row + x * 4, true);
      for (let channel = 0; channel < 4; channel++) {
        const mask = masks[channel]! >>> 0;
        if (mask === 0) continue;
        const low = 31 - Math.clz32(mask & -mask);
        data[out + channel] = Math.round((255 * ((value & mask) >>> low)) / (mask >>> low));
      }
    }
  }
  return { width, height, data };
}
