import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../src/index.js';
import { encodeIdx } from './support/idx.js';
import { errorOf } from './support/world.js';

const types: [string, number, typeof Uint8Array | typeof Float64Array | unknown, number[]][] = [
  ['uint8', 8, Uint8Array, [0, 1, 127, 128, 254, 255]],
  ['int8', 9, Int8Array, [0, 1, -1, 127, -128, 5]],
  ['int16', 11, Int16Array, [0, 1, -1, 32767, -32768, 258]],
  ['int32', 12, Int32Array, [0, 1, -1, 2147483647, -2147483648, 16909060]],
  ['float32', 13, Float32Array, [0, 1.5, -0.25, 2 ** 100, Infinity, 1 / 1024]],
  ['float64', 14, Float64Array, [0, Math.PI, -1e-300, 1e300, -Infinity, 0.1]],
];

describe.each(types)('parseIdx of %s', (_name, type, arrayType, values) => {
  it.each([[[6]], [[2, 3]], [[1, 2, 3]], [[3, 1, 1, 2]], [[1, 1, 1, 1, 6]]])(
    'of shape %j, raw and gzipped',
    (shape) => {
      const bytes = encodeIdx(type, shape, values);
      for (const file of [bytes, gzipSync(bytes)]) {
        const array = parseIdx(file);
        expect(array.shape).toEqual(shape);
        expect(array.data).toBeInstanceOf(arrayType);
        expect([...array.data]).toEqual(values);
        expect(array.offset).toBe(0);
      }
    },
  );
});

it('is row-major: the last axis runs fastest', () => {
  const array = parseIdx(encodeIdx(8, [2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
  expect(array.get(1, 0, 2)).toBe(8);
});

it('takes a scalar, an axis of length 0 and the largest rank', () => {
  expect(parseIdx(encodeIdx(12, [], [-7])).data[0]).toBe(-7);
  expect(parseIdx(encodeIdx(8, [0, 28, 28], [])).size).toBe(0);
  expect(parseIdx(encodeIdx(8, [4294967295, 0, 4294967295], [])).shape).toEqual([4294967295, 0, 4294967295]);
  expect(parseIdx(encodeIdx(8, Array(255).fill(1), [42])).data[0]).toBe(42);
});

it('reads a part of a larger buffer, at any alignment, and owns its memory', () => {
  const bytes = encodeIdx(14, [2], [1.5, -2.5]);
  const large = new Uint8Array(bytes.length + 7);
  large.set(bytes, 3);
  const array = parseIdx(large.subarray(3, 3 + bytes.length));
  large.fill(0);
  expect([...array.data]).toEqual([1.5, -2.5]);
});

describe('faults', () => {
  const image = encodeIdx(8, [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const cases: [string, Uint8Array, string, RegExp][] = [
    ['an empty file', new Uint8Array(), 'NOT_IDX', /begins with an empty file; expected an IDX magic number/],
    ['three bytes', Uint8Array.of(0, 0, 8), 'NOT_IDX', /begins with bytes 00 00 08; expected an IDX magic/],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2), 'NOT_IDX', /begins with bytes 89 50 4e 47/],
    [
      'an unknown element type',
      Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 1, 5),
      'NOT_IDX',
      /magic number 0x00000a01 names element type 0x0a; expected 0x08 \(uint8\), 0x09 \(int8\), 0x0b \(int16\), 0x0c \(int32\), 0x0d \(float32\), 0x0e \(float64\)/,
    ],
    [
      'a cut-off header',
      image.subarray(0, 10),
      'WRONG_SIZE',
      /10 bytes, but a header of rank 3 alone takes 16. The file is cut off; fetch it again/,
    ],
    [
      'a cut-off body',
      image.subarray(0, 20),
      'WRONG_SIZE',
      /20 bytes, but its header promises uint8 \[2, 2, 2\], which takes 24. The file is cut off/,
    ],
    [
      'extra bytes',
      Buffer.concat([image, Buffer.from('!')]),
      'WRONG_SIZE',
      /25 bytes, but its header promises uint8 \[2, 2, 2\], which takes 24. The file is followed by something else/,
    ],
    [
      'a header that lies by terabytes',
      encodeIdx(14, [4294967295, 4294967295, 4294967295], []),
      'WRONG_SIZE',
      /16 bytes, but its header promises float64 \[4294967295, 4294967295, 4294967295\]/,
    ],
    [
      'a cut-off gzip file',
      gzipSync(image).subarray(0, 25),
      'CORRUPT_GZIP',
      /a gzip file of 25 bytes that does not unpack \(.*\); it is cut off or damaged, and was expected whole. Fetch it again/,
    ],
    [
      'a web page',
      Buffer.from('\n <!DOCTYPE html>\n<title>Sign in</title>'),
      'NOT_A_FILE',
      /a web page or message instead of an IDX file \(it begins '<!DOCTYPE html> <title>Sign in<\/title>'\). A proxy or a moved address/,
    ],
    ['a web page with a byte order mark', Buffer.from('\ufeff<html>'), 'NOT_A_FILE', /a web page/],
    ['a JSON message', Buffer.from('{"error": 1}'), 'NOT_A_FILE', /begins '{"error": 1}'/],
    ['a gzipped web page', gzipSync('<html>'), 'NOT_A_FILE', /a web page/],
  ];
  it.each(cases)('%s', async (_name, bytes, code, text) => {
    const error = await errorOf(() => parseIdx(bytes, { fileName: 'a/file.gz' }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^a\/file\.gz: /);
    expect(error.message).toMatch(text);
  });

  it('a gzip bomb ends at maxBytes', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    expect(bomb.length).toBeLessThan(70_000);
    const before = process.memoryUsage().rss;
    const error = await errorOf(() => parseIdx(bomb, { maxBytes: 100_000 }));
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 2 ** 20);
    expect(error.code).toBe('WRONG_SIZE');
    expect(error.message).toBe(
      'IDX data: unpacks to more than 100000 bytes, the most that was expected. Fetch the file again, or raise maxBytes.',
    );
  });

  it('arguments of another kind', async () => {
    expect((await errorOf(() => parseIdx('00000801' as never))).message).toBe(
      'parseIdx: bytes is [object String]; expected a Uint8Array, such as readFile returns.',
    );
    const misspelt = await errorOf(() => parseIdx(image, { filename: 'x' } as never));
    expect(misspelt.message).toContain('unknown option "filename"; it takes fileName, maxBytes.');
    expect((await errorOf(() => parseIdx(image, { maxBytes: -1 }))).code).toBe('INVALID_OPTION');
  });
});
