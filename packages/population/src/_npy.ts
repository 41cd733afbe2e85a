import type { FloatMatrix } from './float-matrix.js';

const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');

/**
 * A float32 matrix as a NumPy file, version 1.0, C order, little-endian.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy({ data, shape }: FloatMatrix): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape[0]}, ${shape[1]}), }`;
  // Magic, two length bytes and header together fill whole blocks of 64 bytes.
  const length = Math.ceil((MAGIC.length + 2 + text.length + 1) / 64) * 64 - MAGIC.length - 2;
  const out = Buffer.alloc(MAGIC.length + 2 + length + data.length * 4);
  MAGIC.copy(out);
  out.writeUInt16LE(length, MAGIC.length);
  out.write(`${text.padEnd(length - 1)}\n`, MAGIC.length + 2, 'latin1');
  for (let i = 0, at = MAGIC.length + 2 + length; i < data.length; i += 1, at += 4)
    out.writeFloatLE(data[i]!, at);
  return out;
}

/** Reads what `encodeNpy` and `numpy.save` write for a C-ordered float32 matrix. Throws a plain Error otherwise. */
export function decodeNpy(file: Buffer): FloatMatrix {
  if (file.length < 10 || !file.subarray(0, 6).equals(MAGIC.subarray(0, 6)) || file[6] !== 1) {
    throw new Error('is not a NumPy file of version 1');
  }
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, start);
  const match = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \}\s*$/.exec(header);
  if (match === null) throw new Error(`has the header ${header.trim()}; expected a C-ordered <f4 matrix`);
  const shape = [Number(match[1]), Number(match[2])] as const;
  const count = shape[0] * shape[1];
  if (file.length !== start + count * 4) {
    throw new Error(`has ${file.length - start} bytes of data; shape [${shape}] needs ${count * 4}`);
  }
  const data = new Float32Array(count);
  for (let i = 0; i < count; i += 1) data[i] = file.readFloatLE(start + i * 4);
  return { data, shape };
}
