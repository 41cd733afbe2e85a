// For loops that draw millions of short streams, one an image: where `stream` makes a generator, this makes numbers only.
// Philox4x32-10: a counter-based generator. Number n of stream (key, counter) is a function of nothing else, so every
// image of every epoch has its own stream and no worker has to know what another one has drawn.
// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
// The tests hold it to the known answers that its authors publish with the Random123 library.
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;
const two32 = 4294967296;

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}

/** Writes one block of four unsigned 32-bit numbers into `block`; counter and key are 32-bit words. */
export function philoxBlock(
  block: Uint32Array,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
): void {
  let c0 = counter0 >>> 0;
  let c1 = counter1 >>> 0;
  let c2 = counter2 >>> 0;
  let c3 = counter3 >>> 0;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const low0 = Math.imul(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2);
    const low1 = Math.imul(multiplier1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

const block = new Uint32Array(4);

/** A safe integer's lower 32 bits. Signed, because V8 keeps signed 32-bit numbers without memory of their own. */
function lowWord(value: number): number {
  return value | 0;
}

function highWord(value: number): number {
  return Math.floor(value / two32) | 0;
}

/**
 * Fills `target[0 ... count - 1]` with uniform numbers in [0, 1), in steps of 2^-32: the first `count` numbers of the
 * stream of (seed, epoch, index). Allocates nothing.
 *
 * @param seed any safe integer
 * @param epoch,index whole numbers below 2^32
 * @param lane streams of the same key that do not meet; 1 is what `deriveCounterSeed` reads
 */
export function fillUniform(
  target: Float64Array,
  count: number,
  seed: number,
  epoch: number,
  index: number,
  lane = 0,
): void {
  const seedLow = lowWord(seed);
  const seedHigh = highWord(seed);
  for (let start = 0; start < count; start += 4) {
    philoxBlock(block, start >>> 2, lowWord(index), lowWord(epoch), lane, seedLow, seedHigh);
    const end = Math.min(start + 4, count);
    for (let i = start; i < end; i++) target[i] = block[i - start]! / two32;
  }
}

/** The seed of part `part` of something seeded with `seed`: a 53-bit integer from a stream that `fillUniform` never reads. */
export function deriveCounterSeed(seed: number, part: number): number {
  philoxBlock(block, part, 0, 0, 1, lowWord(seed), highWord(seed));
  return (block[0]! & 0x1fffff) * two32 + block[1]!;
}
