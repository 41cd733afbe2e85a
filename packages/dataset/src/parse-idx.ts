import { integer, text } from '@mnist/kit';
import ndarray, { type NdArray } from 'ndarray';
import { gunzip, TooLong } from './_gunzip.js';
import { check, DatasetError } from './dataset-error.js';

/** Typed arrays that an IDX file can hold. */
export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface ParseIdxOptions {
  /** Named in errors. Default 'IDX data'. */
  readonly fileName?: string;
  /** Most bytes that the unpacked file may have; a gzip bomb ends here. Default 1 GiB. */
  readonly maxBytes?: number;
}

interface ElementType {
  readonly name: string;
  readonly bytes: number;
  readonly create: (length: number) => IdxArray;
  readonly read: (view: DataView, offset: number) => number;
}

/** By the third byte of the magic number. http://yann.lecun.com/exdb/mnist, 'the IDX file format'. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  8: { name: 'uint8', bytes: 1, create: (n) => new Uint8Array(n), read: (v, o) => v.getUint8(o) },
  9: { name: 'int8', bytes: 1, create: (n) => new Int8Array(n), read: (v, o) => v.getInt8(o) },
  11: { name: 'int16', bytes: 2, create: (n) => new Int16Array(n), read: (v, o) => v.getInt16(o) },
  12: { name: 'int32', bytes: 4, create: (n) => new Int32Array(n), read: (v, o) => v.getInt32(o) },
  13: { name: 'float32', bytes: 4, create: (n) => new Float32Array(n), read: (v, o) => v.getFloat32(o) },
  14: { name: 'float64', bytes: 8, create: (n) => new Float64Array(n), read: (v, o) => v.getFloat64(o) },
};

/**
 * Parses an IDX file: a magic number (0, 0, element type, rank), `rank` big-endian uint32 sizes, then the elements,
 * big-endian and row-major. Accepts it gzipped or raw. The header is checked against the length before anything is
 * allocated.
 *
 * @returns a contiguous ndarray that owns its memory
 * @throws DatasetError `NOT_A_FILE`, `NOT_IDX`, `WRONG_SIZE`, `CORRUPT_GZIP`, `INVALID_OPTION`
 */
export function parseIdx(bytes: Uint8Array, options: ParseIdxOptions = {}): NdArray<IdxArray> {
  const { fileName, maxBytes } = check.complete<Required<ParseIdxOptions>>(
    'parseIdx',
    options,
    { fileName: 'IDX data', maxBytes: 2 ** 30 },
    { fileName: text, maxBytes: integer({ min: 1 }) },
  );
  if (!(bytes instanceof Uint8Array)) {
    throw new DatasetError(
      'INVALID_OPTION',
      `parseIdx: bytes is ${Object.prototype.toString.call(bytes)}; expected a Uint8Array, such as readFile returns.`,
    );
  }
  return parseRawIdx(unpack(bytes, fileName, maxBytes, 'Fetch the file again, or raise maxBytes.'), fileName);
}

/** Gunzips what is gzipped; returns anything else as it is. */
export function unpack(bytes: Uint8Array, fileName: string, maxBytes: number, remedy: string): Uint8Array {
  if (bytes.length < 2 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzip(bytes, maxBytes);
  } catch (error) {
    if (error instanceof TooLong) {
      throw new DatasetError(
        'WRONG_SIZE',
        `${fileName}: unpacks to more than ${maxBytes} bytes, the most that was expected. ${remedy}`,
        { cause: error },
      );
    }
    throw new DatasetError(
      'CORRUPT_GZIP',
      `${fileName}: a gzip file of ${bytes.length} bytes that does not unpack (${(error as Error).message}); it is cut off or damaged, and was expected whole. Fetch it again.`,
      { cause: error },
    );
  }
}

function parseRawIdx(raw: Uint8Array, fileName: string): NdArray<IdxArray> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (raw.length < 4 || view.getUint16(0) !== 0) throw notIdx(raw, fileName);
  const type = elementTypes[raw[2]!];
  if (!type) {
    throw new DatasetError(
      'NOT_IDX',
      `${fileName}: magic number 0x${view.getUint32(0).toString(16).padStart(8, '0')} names element type 0x${hex(raw[2]!)}; ` +
        `expected ${Object.entries(elementTypes)
          .map(([code, { name }]) => `0x${hex(Number(code))} (${name})`)
          .join(', ')}. Fetch the file again.`,
    );
  }
  const rank = raw[3]!;
  const header = 4 + 4 * rank;
  if (raw.length < header) {
    throw new DatasetError(
      'WRONG_SIZE',
      `${fileName}: ${raw.length} bytes, but a header of rank ${rank} alone takes ${header}. The file is cut off; fetch it again.`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const length = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const expected = header + length * type.bytes;
  if (raw.length !== expected) {
    const verdict = raw.length < expected ? 'cut off' : 'followed by something else';
    throw new DatasetError(
      'WRONG_SIZE',
      `${fileName}: ${raw.length} bytes, but its header promises ${type.name} [${shape.join(', ')}], which takes ${expected}. The file is ${verdict}; fetch it again.`,
    );
  }
  const data = type.create(length);
  if (type.bytes === 1) {
    new Uint8Array(data.buffer).set(raw.subarray(header));
  } else {
    for (let i = 0; i < length; i++) data[i] = type.read(view, header + i * type.bytes);
  }
  return ndarray(data, shape);
}

function notIdx(raw: Uint8Array, fileName: string): DatasetError {
  const start = new TextDecoder('latin1').decode(raw.subarray(0, 200)).trimStart();
  if (/^(\xef\xbb\xbf)?\s*(<!|<html|<\?xml|<head|\{)/i.test(start)) {
    return new DatasetError(
      'NOT_A_FILE',
      `${fileName}: a web page or message instead of an IDX file (it begins '${start.slice(0, 40).replace(/\s+/g, ' ')}'). ` +
        'A proxy or a moved address may have answered; open the address in a browser, or put the file in place by hand.',
    );
  }
  const found = raw.length === 0 ? 'an empty file' : `bytes ${[...raw.subarray(0, 4)].map(hex).join(' ')}`;
  return new DatasetError(
    'NOT_IDX',
    `${fileName}: begins with ${found}; expected an IDX magic number (00 00, element type, rank), gzipped or raw. Fetch the file again.`,
  );
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
