const bytesOf: Readonly<Record<number, number>> = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };

/** Writes an IDX file as its format says: independent of the parser. */
export function encodeIdx(type: number, shape: readonly number[], values: readonly number[]): Buffer {
  const size = bytesOf[type]!;
  const out = Buffer.alloc(4 + 4 * shape.length + values.length * size);
  out.writeUInt8(type, 2);
  out.writeUInt8(shape.length, 3);
  shape.forEach((length, axis) => {
    out.writeUInt32BE(length, 4 + 4 * axis);
  });
  values.forEach((value, i) => {
    const at = 4 + 4 * shape.length + i * size;
    if (type === 8) out.writeUInt8(value, at);
    else if (type === 9) out.writeInt8(value, at);
    else if (type === 11) out.writeInt16BE(value, at);
    else if (type === 12) out.writeInt32BE(value, at);
    else if (type === 13) out.writeFloatBE(value, at);
    else out.writeDoubleBE(value, at);
  });
  return out;
}
