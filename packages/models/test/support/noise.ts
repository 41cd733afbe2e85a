/** The formula of golden/make_forward_golden.py: uniform in [0, 1) from FNV-1a of the key and the position. */
export function noise(key: string, count: number): Float64Array {
  let salt = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) salt = Math.imul(salt ^ key.charCodeAt(i), 0x01000193);
  return Float64Array.from({ length: count }, (_, i) => {
    let x = Math.imul(i + 1, 0x9e3779b1) ^ salt;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    x ^= x >>> 15;
    return (x >>> 0) / 2 ** 32;
  });
}
