import { unzipSync } from 'fflate';
import { encodeIdx } from './_encode-idx.js';
import { DatasetError } from './dataset-error.js';

/** NumPy's names of whole-number types. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
const integerTypes: Readonly<
  Record<string, readonly [bytes: number, read: (view: DataView, at: number) => number]>
> = {
  '|u1': [1, (view, at) => view.getUint8(at)],
  '|i1': [1, (view, at) => view.getInt8(at)],
  '<u2': [2, (view, at) => view.getUint16(at, true)],
  '<i2': [2, (view, at) => view.getInt16(at, true)],
  '<u4': [4, (view, at) => view.getUint32(at, true)],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
  '<u8': [8, (view, at) => Number(view.getBigUint64(at, true))],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
};

/** A zip archive begins so. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * One array of NumPy's .npz as uint8 IDX bytes.
 *
 * @param key its name; undefined takes the only one
 * @param maxBytes most that it may have when unpacked, with up to eight bytes a value
 * @throws DatasetError `NOT_A_FILE`, `WRONG_SHAPE`, `WRONG_SIZE`
 */
export function npzToIdx(
  bytes: Uint8Array,
  key: string | undefined,
  where: string,
  maxBytes: number,
): Uint8Array {
  const found: string[] = [];
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        found.push(name.replace(/\.npy$/, ''));
        if (key !== undefined && name !== `${key}.npy`) return false;
        if (originalSize <= 8 * maxBytes + 1024) return true;
        throw new DatasetError(
          'WRONG_SIZE',
          `${where}: ${name} unpacks to ${originalSize} bytes, more than the published file's ${maxBytes}.`,
        );
      },
    });
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(
      'NOT_A_FILE',
      `${where}: no readable .npz (${(error as Error).message}). Fetch it again.`,
      {
        cause: error,
      },
    );
  }
  const arrays = Object.values(entries);
  if (arrays.length !== 1) {
    throw new DatasetError(
      'WRONG_SHAPE',
      `${where}: holds ${found.join(', ') || 'nothing'}; expected ${key === undefined ? 'one array' : `an array ${key}`}.`,
    );
  }
  return npyToIdx(arrays[0]!, where);
}

function npyToIdx(npy: Uint8Array, where: string): Uint8Array {
  const wrong = (what: string) =>
    new DatasetError(
      'WRONG_SHAPE',
      `${where}: ${what}; expected whole numbers from 0 to 255 in C order, as NumPy writes them.`,
    );
  const view = new DataView(npy.buffer, npy.byteOffset, npy.byteLength);
  if (npy.length < 12 || view.getUint32(0) !== 0x934e554d) throw wrong('no NumPy array');
  const start = npy[6] === 1 ? 10 : 12;
  const header = new TextDecoder('latin1').decode(
    npy.subarray(start, start + (npy[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true))),
  );
  const type = integerTypes[/'descr': *'([^']*)'/.exec(header)?.[1] ?? ''];
  const shape = /'shape': *\(([\d, ]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .filter((size) => size.trim())
    .map(Number);
  if (!type || !shape || !/'fortran_order': *False/.test(header))
    throw wrong(`an array ${header.trim().slice(0, 100)}`);
  const [size, read] = type;
  const count = shape.reduce((product, length) => product * length, 1);
  const from = start + header.length;
  if (npy.length !== from + count * size) throw wrong(`${npy.length - from} bytes for the shape [${shape}]`);
  const data = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const value = read(view, from + i * size);
    if (value < 0 || value > 255) throw wrong(`value ${i} is ${value}`);
    data[i] = value;
  }
  return encodeIdx(data, shape);
}
