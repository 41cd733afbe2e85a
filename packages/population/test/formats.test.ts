import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { labelsChecksum, memberSeed, type Recipe } from '@mnist/population';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { canonicalJson, describeDifferences } from '../src/_json.js';
import { netIndex, netName } from '../src/_layout.js';
import { decodeNpy, encodeNpy } from '../src/_npy.js';
import { packFolder, unpackFolder } from '../src/queue/_pack-folder.js';
import { temporaryFolder } from './support/population-fixture.js';

describe('memberSeed', () => {
  it('gives the golden values (MurmurHash3 fmix32 over a Weyl sequence, computed with Python integers)', () => {
    expect([0, 1, 2].map((index) => memberSeed(0, index))).toEqual([0, 2462723854, 1020716019]);
    expect([0, 1, 2].map((index) => memberSeed(5, index))).toEqual([2651091590, 3069590605, 1359647028]);
    expect(memberSeed(4294967295, 249)).toBe(2132002981);
  });

  it('never gives two nets of a population the same seed', () => {
    for (const seed of [0, 1, 123456789, 4294967295]) {
      expect(new Set(Array.from({ length: 20_000 }, (_, index) => memberSeed(seed, index))).size).toBe(
        20_000,
      );
    }
  });

  it.each([
    [-1, 0],
    [0.5, 0],
    [2 ** 32, 0],
    [0, -1],
    [0, 1.5],
  ])('refuses seed %s, index %s', (seed, index) => {
    expect(() => memberSeed(seed, index)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

describe('the NumPy file', () => {
  it('survives the round trip, whatever the numbers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.float()),
        (rows, columns, numbers) => {
          const data = Float32Array.from({ length: rows * columns }, () => numbers.next().value);
          const file = encodeNpy({ data, shape: [rows, columns] });
          expect((file.length - data.length * 4) % 64).toBe(0);
          const back = decodeNpy(file);
          expect(back.shape).toEqual([rows, columns]);
          expect(Buffer.from(back.data.buffer)).toEqual(Buffer.from(data.buffer));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is what numpy.save writes', () => {
    // python -c "import numpy, io; f = io.BytesIO(); numpy.save(f, numpy.float32([[1, 2], [3, -0.5]])); print(f.getvalue().hex())"
    const golden = Buffer.from(
      [
        '934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73',
        '652c20277368617065273a2028322c2032292c207d202020202020202020202020202020202020202020202020202020',
        '202020202020202020202020202020202020202020202020202020202020200a0000803f0000004000004040000000bf',
      ].join(''),
      'hex',
    );
    expect(encodeNpy({ data: Float32Array.of(1, 2, 3, -0.5), shape: [2, 2] })).toEqual(golden);
  });

  it('refuses anything else with words', () => {
    const good = encodeNpy({ data: new Float32Array(6), shape: [2, 3] });
    expect(() => decodeNpy(good.subarray(0, 5))).toThrow('is not a NumPy file');
    expect(() => decodeNpy(good.subarray(0, good.length - 1))).toThrow(
      'has 23 bytes of data; shape [2,3] needs 24',
    );
    const double = Buffer.from(good);
    double.write('<f8', double.indexOf('<f4'));
    expect(() => decodeNpy(double)).toThrow(/header .*<f8/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => decodeNpy(Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), bytes]))).toThrow(
          Error,
        );
      }),
    );
  });
});

describe('a packed folder', () => {
  it('unpacks to the same files', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.stringMatching(/^[a-z]{1,3}(\/[A-Z0-9]{1,8}){0,3}\.bin$/),
          fc.uint8Array({ maxLength: 2000 }),
          { maxKeys: 6 },
        ),
        async (files) => {
          const [from, to] = [temporaryFolder(), temporaryFolder()];
          for (const [path, bytes] of Object.entries(files)) {
            mkdirSync(dirname(join(from, path)), { recursive: true });
            writeFileSync(join(from, path), bytes);
          }
          const packed = await packFolder(from);
          await unpackFolder(packed, to);
          expect(await packFolder(to)).toEqual(packed);
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each(['../evil', 'a/../../evil', '/etc/evil', 'a//b', 'C:\\evil', 'a\\..\\evil', 'c:evil', ''])(
    'does not write to %j',
    async (path) => {
      const folder = temporaryFolder();
      const header = Buffer.from(JSON.stringify([{ path, bytes: 1 }]));
      const start = Buffer.from('MNPF\0\0\0\0', 'latin1');
      start.writeUInt32LE(header.length, 4);
      await expect(
        unpackFolder(Buffer.concat([start, header, Buffer.from('x')]), folder),
      ).rejects.toMatchObject({
        code: 'QUEUE_DATA_DAMAGED',
        message: expect.stringMatching(/may lie outside/),
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('of any other bytes is a typed error', async () => {
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 100 }), async (magic, bytes) => {
        const packed = Buffer.concat([Buffer.from(magic ? 'MNPF' : ''), bytes]);
        await expect(unpackFolder(packed, folder)).rejects.toMatchObject({ code: 'QUEUE_DATA_DAMAGED' });
      }),
    );
  });
});

describe('names and texts', () => {
  it('name nets so that they sort, and read nothing else as a net', () => {
    expect([0, 7, 9999, 10_000].map(netName)).toEqual(['0000', '0007', '9999', '10000']);
    fc.assert(fc.property(fc.nat(999_999), (index) => netIndex(netName(index)) === index));
    for (const name of ['7', '00007', '0007x', '', '-001', '0007.json'])
      expect(netIndex(name)).toBeUndefined();
  });

  it('compare configs by content, not by order', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
    expect(describeDifferences({ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }, 'config')).toEqual([]);
    expect(describeDifferences({ a: [1, 2] }, { a: [2, 1] }, 'config')).toEqual([
      'config.a: the folder has [1,2], given [2,1]',
    ]);
  });

  it('take the plain SHA-256 of labels', () => {
    const labels = Uint8Array.of(7, 2, 1, 0);
    // printf '\7\2\1\0' | sha256sum
    expect(labelsChecksum(labels)).toBe('f9afbe8d212c63e3524950c6e8c6f01eeff93bbb038e776a5970e1b4fd56a0c3');
  });

  it('type recipes', () => {
    expectTypeOf<Parameters<Recipe['train']>[0]['signal']>().toEqualTypeOf<AbortSignal>();
    // @ts-expect-error A recipe without a version is none.
    const recipe: Recipe = { name: 'x', train: async () => ({}) as never };
    expect(recipe.name).toBe('x');
  });
});
