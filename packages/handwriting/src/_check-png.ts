import { crc32 } from 'node:zlib';
import { HandwritingError } from './handwriting-error.js';

/** Walks over the chunks of a PNG file and compares each one's CRC, which libvips is content to ignore in some. */
export function checkPng(name: string, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (what: string) =>
    new HandwritingError(
      'DAMAGED_FILE',
      `${name}: a damaged PNG file (${what}). Expected a whole one. Save or download it again.`,
    );
  let at = 8;
  for (;;) {
    if (at + 12 > bytes.byteLength)
      throw damaged(`it ends at byte ${bytes.byteLength} without its end chunk`);
    const length = view.getUint32(at);
    const type = Buffer.from(bytes.buffer, bytes.byteOffset + at + 4, 4).toString('latin1');
    if (at + 12 + length > bytes.byteLength)
      throw damaged(`chunk ${JSON.stringify(type)} at byte ${at} wants ${length} bytes, more than follow`);
    const expected = view.getUint32(at + 8 + length);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== expected)
      throw damaged(`chunk ${JSON.stringify(type)} at byte ${at} has a wrong CRC`);
    if (at === 8 && type !== 'IHDR') throw damaged(`it starts with chunk ${JSON.stringify(type)}, not IHDR`);
    if (type === 'IEND') return;
    at += 12 + length;
  }
}
