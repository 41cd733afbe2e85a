import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetError, parseIdx } from '../src/index.js';
import { encodeIdx } from './support/idx.js';

/** Parses, and accepts only two ends: an array of the promised size, or a typed error with a useful text. */
function parseOrRefuse(bytes: Uint8Array): void {
  try {
    const array = parseIdx(bytes, { maxBytes: 2 ** 20 });
    expect(array.data.length).toBe(array.shape.reduce((product, size) => product * size, 1));
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    expect(['NOT_IDX', 'NOT_A_FILE', 'WRONG_SIZE', 'CORRUPT_GZIP']).toContain(error.code);
    expect(error.message).toMatch(/^IDX data: .{20}/s);
    expect(error.message).not.toMatch(/undefined|NaN|\[object/);
  }
}

const validFile = fc
  .record({
    type: fc.constantFrom(8, 9, 11, 12, 13, 14),
    shape: fc.array(fc.nat({ max: 5 }), { maxLength: 5 }),
    fill: fc.nat({ max: 100 }),
  })
  .map(({ type, shape, fill }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return encodeIdx(type, shape, Array<number>(length).fill(fill));
  });
const runs = { numRuns: 2_000 };

describe('parseIdx ends with an array or a typed error', () => {
  it('on random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), parseOrRefuse), runs);
  });

  it('on random bytes after a correct beginning', () => {
    const beginnings = fc.constantFrom([0, 0, 8], [0, 0, 14, 3], [0x1f, 0x8b], [0x1f, 0x8b, 8, 0]);
    fc.assert(
      fc.property(beginnings, fc.uint8Array({ maxLength: 64 }), (start, rest) =>
        parseOrRefuse(Uint8Array.of(...start, ...rest)),
      ),
      runs,
    );
  });

  it('on valid files with changed, cut or added bytes', () => {
    const change = fc.record({ at: fc.nat(), to: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(
        validFile,
        fc.boolean(),
        fc.array(change, { maxLength: 4 }),
        fc.integer({ min: -20, max: 20 }),
        (file, zip, changes, growth) => {
          const source = zip ? gzipSync(file) : file;
          const bytes = Buffer.alloc(Math.max(0, source.length + growth));
          source.copy(bytes);
          for (const { at, to } of changes) if (bytes.length > 0) bytes[at % bytes.length] = to;
          parseOrRefuse(bytes);
        },
      ),
      runs,
    );
  });

  it('on headers that promise anything', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.constantFrom(8, 11, 14), (shape, type) =>
        parseOrRefuse(encodeIdx(type, shape, [])),
      ),
      runs,
    );
  });

  it('on every truncation of a gzip file', () => {
    const zipped = gzipSync(
      encodeIdx(
        8,
        [3, 5, 5],
        Array.from({ length: 75 }, (_, i) => i),
      ),
    );
    for (let length = 0; length < zipped.length; length++) {
      expect(() => parseIdx(zipped.subarray(0, length))).toThrow(DatasetError);
    }
  });
});

it('what it accepts is exactly what was written, gzipped or not', () => {
  fc.assert(
    fc.property(validFile, (file) => {
      const array = parseIdx(gzipSync(file));
      expect(array).toEqual(parseIdx(file));
      expect(gunzipSync(gzipSync(file)).length).toBe(4 + 4 * array.shape.length + array.data.byteLength);
    }),
  );
});
