import { gunzipSync } from 'fflate';
import type * as node from './_gunzip.js';

export class TooLong extends Error {}

/** What `_gunzip.ts` does, without zlib. fflate keeps within the room it is given and leaves the check sum to its caller. */
export const gunzip: typeof node.gunzip = (bytes, maxBytes) => {
  if (bytes.length < 18) throw new Error('unexpected end of file');
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const size = trailer.getUint32(4, true);
  if (size > maxBytes) throw new TooLong();
  const raw = gunzipSync(bytes, { out: new Uint8Array(size) });
  if (crc32(raw) !== trailer.getUint32(0, true)) throw new Error('incorrect data check');
  return raw;
};

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** RFC 1952, section 8. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (sum >>> 8) ^ table[(sum ^ byte) & 0xff]!;
  return ~sum >>> 0;
}
