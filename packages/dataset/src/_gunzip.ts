import { gunzipSync } from 'node:zlib';

/** The data unpack to more than was allowed. */
export class TooLong extends Error {}

/**
 * Unpacks a gzip stream.
 *
 * @throws TooLong beyond `maxBytes`; an Error of its own for a damaged stream
 */
export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLong('', { cause: error });
    throw error;
  }
}
