/** uint8 values as the bytes of an IDX file, so that whatever they came in is verified like the published file. */
export function encodeIdx(data: Uint8Array, shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 | shape.length);
  for (const [axis, size] of shape.entries()) view.setUint32(4 + 4 * axis, size);
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}
