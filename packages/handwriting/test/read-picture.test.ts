import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Draw } from '../scenes/canvas.js';
import { HandwritingError as TypedError } from '../src/index.js';
import { readPicture } from '../src/node.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handwriting-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A white sheet of 40 x 30 with a dark bar in its upper left: left, top and orientation can be told apart. */
const raw = new Uint8Array(40 * 30 * 3).fill(255);
for (let y = 4; y < 8; y++) for (let x = 4; x < 24; x++) raw.fill(10, (y * 40 + x) * 3, (y * 40 + x) * 3 + 3);
const sheet = () => sharp(raw, { raw: { width: 40, height: 30, channels: 3 } });

function chunk(type: string, body: Uint8Array): Buffer {
  const out = Buffer.alloc(body.length + 12);
  out.writeUInt32BE(body.length);
  out.write(type, 4, 'latin1');
  out.set(body, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}

/** A PNG by hand: any colour type and depth, which no encoder writes in all combinations. */
function png(
  width: number,
  height: number,
  depth: number,
  colour: number,
  rows: Uint8Array,
  more: Buffer[] = [],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = colour;
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function bmp(depth: 1 | 4 | 8 | 24 | 32, topDown = false): Buffer {
  const colours = depth <= 8 ? 2 ** depth : 0;
  const rowBytes = Math.ceil((40 * depth) / 32) * 4;
  const start = 54 + colours * 4;
  const out = Buffer.alloc(start + rowBytes * 30);
  out.write('BM');
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(start, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(40, 18);
  out.writeInt32LE(topDown ? -30 : 30, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(depth, 28);
  for (let i = 0; i < colours; i++) out.fill((255 * i) / (colours - 1), 54 + i * 4, 57 + i * 4);
  for (let y = 0; y < 30; y++)
    for (let x = 0; x < 40; x++) {
      const row = start + rowBytes * (topDown ? y : 29 - y);
      const light = raw[(y * 40 + x) * 3]! > 127;
      if (depth <= 8) {
        if (light) out[row + ((x * depth) >> 3)]! |= (2 ** depth - 1) << (8 - depth - ((x * depth) & 7));
      } else out.fill(light ? 255 : 0, row + (x * depth) / 8, row + (x * depth) / 8 + 3);
    }
  return out;
}

const refused = async (bytes: Uint8Array, limits: object = {}): Promise<TypedError> => {
  const error = await readPicture(bytes, limits).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TypedError);
  return error as TypedError;
};

describe('reads', () => {
  const bar = (picture: { width: number; data: Uint8Array | Uint8ClampedArray }, x: number, y: number) =>
    picture.data[(y * picture.width + x) * 4]!;
  const formats: Record<string, () => Promise<Buffer> | Buffer> = {
    PNG: () => sheet().png().toBuffer(),
    'interlaced PNG': () => sheet().png({ progressive: true }).toBuffer(),
    'palette PNG': () => sheet().png({ palette: true }).toBuffer(),
    '16-bit PNG': () => sheet().toColourspace('rgb16').png().toBuffer(),
    JPEG: () => sheet().jpeg({ quality: 95 }).toBuffer(),
    'progressive JPEG': () => sheet().jpeg({ quality: 95, progressive: true }).toBuffer(),
    'CMYK JPEG': () => sheet().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
    WebP: () => sheet().webp({ lossless: true }).toBuffer(),
    GIF: () => sheet().gif().toBuffer(),
    TIFF: () => sheet().tiff({ compression: 'lzw' }).toBuffer(),
    'fax TIFF': () => sheet().toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer(),
    AVIF: () => sheet().avif({ lossless: true }).toBuffer(),
    '1-bit BMP': () => bmp(1),
    '4-bit BMP': () => bmp(4),
    '8-bit BMP': () => bmp(8),
    '24-bit BMP': () => bmp(24),
    'top-down 32-bit BMP': () => bmp(32, true),
  };
  for (const [name, encode] of Object.entries(formats))
    it(name, async () => {
      const picture = await readPicture(new Uint8Array(await encode()));
      expect(picture).toMatchObject({ width: 40, height: 30 });
      expect(picture.data).toHaveLength(40 * 30 * 4);
      expect(bar(picture, 12, 6)).toBeLessThan(60);
      expect(bar(picture, 12, 22)).toBeGreaterThan(200);
      expect(bar(picture, 34, 6)).toBeGreaterThan(200);
      expect(picture.data[3]).toBe(255);
    });

  it('every colour type and depth of PNG', async () => {
    const kinds = [
      [0, [1, 2, 4, 8, 16], 1],
      [2, [8, 16], 3],
      [3, [1, 2, 4, 8], 1],
      [4, [8, 16], 2],
      [6, [8, 16], 4],
    ] as const;
    for (const [colour, depths, channels] of kinds)
      for (const depth of depths) {
        const rowBytes = 1 + Math.ceil((16 * channels * depth) / 8);
        const rows = new Uint8Array(rowBytes * 8).fill(255);
        for (let y = 0; y < 8; y++) rows[y * rowBytes] = 0;
        const palette = colour === 3 ? [chunk('PLTE', new Uint8Array(3 * 2 ** depth).fill(200))] : [];
        const picture = await readPicture(png(16, 8, depth, colour, rows, palette));
        expect([...picture.data.subarray(0, 4)], `colour type ${colour}, ${depth} bits`).toEqual(
          colour === 3 ? [200, 200, 200, 255] : [255, 255, 255, 255],
        );
      }
  });

  it('transparency from tRNS, in palettes and of a colour', async () => {
    const rows = new Uint8Array(17 * 8).fill(1);
    for (let y = 0; y < 8; y++) rows[y * 17] = 0;
    const palette = [
      chunk('PLTE', new Uint8Array([0, 0, 0, 9, 9, 9])),
      chunk('tRNS', new Uint8Array([255, 0])),
    ];
    expect((await readPicture(png(16, 8, 8, 3, rows, palette))).data[3]).toBe(0);
    expect((await readPicture(png(16, 8, 8, 0, rows, [chunk('tRNS', new Uint8Array([0, 1]))]))).data[3]).toBe(
      0,
    );
  });

  it('EXIF orientation', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await sheet().jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer();
      const picture = await readPicture(new Uint8Array(bytes));
      expect(picture.width, `orientation ${orientation}`).toBe(orientation > 4 ? 30 : 40);
    }
    const turned = await readPicture(
      new Uint8Array(await sheet().jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer()),
    );
    // A quarter turn to the right: the bar at the upper left stands at the upper right.
    expect(bar(turned, 24, 12)).toBeLessThan(60);
  });

  it('shrinks large pictures while decoding, and reads paths', async () => {
    const path = join(folder, 'large.jpg');
    await writeFile(
      path,
      await sharp({ create: { width: 4000, height: 1000, channels: 3, background: '#fff' } })
        .jpeg()
        .toBuffer(),
    );
    expect(await readPicture(path)).toMatchObject({ width: 1600, height: 400 });
  });
});

describe('refuses with a typed error', () => {
  it('files that are no pictures, and kinds that it does not read', async () => {
    expect((await refused(new Uint8Array(0))).code).toBe('UNKNOWN_FORMAT');
    expect((await refused(Buffer.from('hello, I am a text'))).code).toBe('UNKNOWN_FORMAT');
    expect((await refused(Buffer.from('\0\0\0\x18ftypheic'))).code).toBe('UNSUPPORTED_FORMAT');
    expect((await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).message).toContain(
      'Export it as',
    );
    await expect(readPicture(join(folder, 'missing.png'))).rejects.toMatchObject({ code: 'FILE_ACCESS' });
    await expect(readPicture(folder)).rejects.toMatchObject({ code: 'FILE_ACCESS' });
  });

  it('limits, from the header', async () => {
    const bytes = new Uint8Array(await sheet().png().toBuffer());
    expect((await refused(bytes, { maxBytes: 50 })).code).toBe('TOO_MANY_BYTES');
    expect((await refused(bytes, { maxPixels: 1000 })).message).toContain('40 x 30');
    expect((await refused(bytes, { maxPixel: 1000 })).code).toBe('INVALID_OPTION');
    expect((await refused(bytes, { maxPixels: -1 })).code).toBe('INVALID_OPTION');
  });

  it('truncated files, at any length', async () => {
    for (const [name, image] of [
      ['PNG', sheet().png()],
      ['JPEG', sheet().jpeg()],
      ['WebP', sheet().webp()],
      ['GIF', sheet().gif()],
      ['TIFF', sheet().tiff()],
    ] as const) {
      const bytes = await image.toBuffer();
      for (let share = 1; share <= 9; share++) {
        const error = await refused(
          new Uint8Array(bytes.subarray(0, Math.floor((bytes.length * share) / 10))),
        );
        expect(['DAMAGED_FILE', 'UNKNOWN_FORMAT'], `${name} cut at ${share}0 %`).toContain(error.code);
      }
    }
    const whole = bmp(24);
    for (const length of [20, 53, 200, whole.length - 1])
      expect((await refused(whole.subarray(0, length))).code).toBe('DAMAGED_FILE');
  });

  it('400 files with a flipped byte: never an untyped error, and a PNG never as a picture', async () => {
    const draw = new Draw(1);
    const originals = await Promise.all([
      sheet().png().toBuffer(),
      sheet().jpeg().toBuffer(),
      sheet().webp().toBuffer(),
      sheet().gif().toBuffer(),
      sheet().tiff().toBuffer(),
      bmp(8),
    ]);
    let refusedFiles = 0;
    for (let i = 0; i < 400; i++) {
      const kind = i % originals.length;
      const bytes = new Uint8Array(originals[kind]!);
      bytes[draw.whole(0, bytes.length - 1)]! ^= draw.whole(1, 255);
      const outcome = await readPicture(bytes).catch((error: unknown) => error);
      if (outcome instanceof TypedError) refusedFiles++;
      else {
        expect(outcome).not.toBeInstanceOf(Error);
        expect(kind, 'a PNG whose CRC is wrong').not.toBe(0);
      }
    }
    expect(refusedFiles).toBeGreaterThan(67);
  });

  it('bombs, within 300 MB of memory', async () => {
    const row = new Uint8Array(1 + 30_000 / 8);
    const bombs: Record<string, Buffer> = {
      // 113 MB of zeros in 110 kB: 30,000 x 30,000 pixels of one bit
      'bomb.png': png(30_000, 30_000, 1, 0, new Uint8Array(row.length * 30_000)),
      'wide.png': png(60_000_000, 1, 1, 0, new Uint8Array(7_500_001)),
      'bomb.bmp': (() => {
        const bytes = bmp(24);
        bytes.writeInt32LE(30_000, 18);
        bytes.writeInt32LE(30_000, 22);
        return bytes;
      })(),
      'bomb.gif': Buffer.from(
        '474946383961ffffffff80000000000000000000002c00000000ffffffff0002024c01003b',
        'hex',
      ),
      // allowed, and large: 48 million pixels that must be streamed
      'allowed.png': png(8_000, 6_000, 1, 0, new Uint8Array(1_001 * 6_000)),
    };
    expect(bombs['bomb.png']!.length).toBeLessThan(150_000);
    for (const [name, bytes] of Object.entries(bombs)) await writeFile(join(folder, name), bytes);
    const script = `
      const { readPicture } = await import(${JSON.stringify(new URL('../dist/node.js', import.meta.url).href)});
      const outcomes = {};
      for (const name of ${JSON.stringify(Object.keys(bombs))})
        outcomes[name] = await readPicture(${JSON.stringify(folder)} + '/' + name).then((p) => p.width + ' x ' + p.height, (e) => e.code ?? String(e));
      console.log(JSON.stringify({ outcomes, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const { outcomes, megabytes } = JSON.parse(stdout);
    expect(outcomes).toMatchObject({
      'bomb.png': 'TOO_MANY_PIXELS',
      'bomb.bmp': 'TOO_MANY_PIXELS',
      'wide.png': 'TOO_MANY_PIXELS',
      'bomb.gif': expect.stringMatching(/^(TOO_MANY_PIXELS|DAMAGED_FILE)$/),
      'allowed.png': '1600 x 1200',
    });
    expect(megabytes).toBeLessThan(300);
  });
});
