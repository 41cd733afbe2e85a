import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../src/_encode-png.js';
import { readImages } from '../src/_images.js';
import { imageGrid } from '../src/image-grid.js';
import { mistakesGrid } from '../src/mistakes-grid.js';
import { fc, test } from './_fast-check.js';
import { drawnImages } from './_samples.js';

describe('imageGrid', () => {
  it.each([1, 2, 3])('shows each pixel as a sharp square at scale %i', async (scale) => {
    const images = { data: new Uint8Array([0, 255, 128, 30, 90, 200, 60, 10, 250]), shape: [1, 3, 3] };
    const figure = imageGrid({ images, zoom: 5, ink: 'light', title: 'x', width: 240 });
    const { pixels, width } = await rasterise(figure.toSvg(), scale);
    const [, x, y] = figure
      .toSvg()
      .match(/<image x="(\d+)" y="(\d+)"/)!
      .map(Number);
    const [, left, top] = figure
      .toSvg()
      .match(/translate\((\d+),(\d+)\)/)!
      .map(Number);
    const side = 5 * scale;
    for (let row = 0; row < 3 * side; row++) {
      for (let column = 0; column < 3 * side; column++) {
        const at = ((y! + top!) * scale + row) * width + (x! + left!) * scale + column;
        const expected = images.data[Math.floor(row / side) * 3 + Math.floor(column / side)];
        expect(pixels[4 * at], `row ${row}, column ${column}`).toBe(expected);
      }
    }
  });

  it('reads strided, offset and reversed ndarrays as their rows say', () => {
    const { data } = drawnImages(3, 4);
    const plain = readImages({ data, shape: [3, 4, 4] }, [2, 0]);
    const flipped = readImages({ data, shape: [3, 4, 4], stride: [-16, 4, 1], offset: 32 }, [0, 2]);
    expect(flipped).toEqual(plain);
    const transposed = readImages({ data, shape: [3, 4, 4], stride: [16, 1, 4], offset: 0 }, [1])[0]!;
    const straight = readImages({ data, shape: [3, 4, 4, 1] }, [1])[0]!;
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 4; x++) expect(transposed.ink[4 * y + x]).toBe(straight.ink[4 * x + y]);
    }
  });

  it('stretches floats by image or by batch, and clips without', () => {
    const data = new Float32Array([-1, 1, 0, 3]);
    const read = (mode: 'none' | 'image' | 'batch') =>
      readImages({ data, shape: [2, 1, 2] }, [0, 1], mode).map(({ ink }) => [...ink]);
    expect(read('image')).toEqual([
      [0, 255],
      [0, 255],
    ]);
    expect(read('batch')).toEqual([
      [0, 128],
      [64, 255],
    ]);
    expect(read('none')).toEqual([
      [0, 255],
      [0, 255],
    ]);
  });

  it('shows a pixel that is not a number in vermilion and as a question mark', async () => {
    const data = new Float32Array([0, 1, Number.NaN, 0.5]);
    const figure = imageGrid({ images: { data, shape: [1, 2, 2] }, zoom: 10, ink: 'light' });
    const { pixels } = await rasterise(figure.toSvg(), 1);
    let vermilion = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      if (pixels[at] === 0xd5 && pixels[at + 1] === 0x5e && pixels[at + 2] === 0) vermilion++;
    }
    expect(vermilion).toBe(100);
    expect(figure.toTerminal()).toContain('?');
  });

  it.each([
    [
      { images: { data: new Uint8Array(10), shape: [1, 4, 4] } },
      'INVALID_DATA',
      /10 values, but the shape \[1, 4, 4\] reaches from 0 to 15/,
    ],
    [
      { images: { data: new Uint8Array(16), shape: [16] } },
      'INVALID_DATA',
      /shape \[16\]; expected \[count, height, width\]/,
    ],
    [{ images: { data: [1, 2], shape: [1, 1, 2] } }, 'INVALID_DATA', /images is not/],
    [{ images: { data: new Uint8Array(0), shape: [0, 4, 4] } }, 'NO_DATA', /0 images; expected 1 to 2500/],
    [{ images: drawnImages(2), captions: ['one'] }, 'INVALID_DATA', /1 captions for 2 images/],
    [
      { images: drawnImages(2), colums: 3 },
      'INVALID_OPTION',
      /unknown option "colums"; it takes images, captions, columns/,
    ],
    [{ images: drawnImages(2), zoom: 1.5 }, 'INVALID_OPTION', /zoom is 1.5; expected a whole number/],
    [
      { images: drawnImages(2), ink: 'red' },
      'INVALID_OPTION',
      /ink is "red"; expected one of "auto", "dark", "light"/,
    ],
  ])('refuses bad input %#', (options, code, message) => {
    expect(() => imageGrid(options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test.prop([
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 240, max: 1200 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
  ])('keeps any images with any captions inside the figure', async (count, side, width, caption) => {
    const images = { data: new Uint8Array(count * side * side), shape: [count, side, side] };
    const svg = imageGrid({ images, width, captions: new Array(count).fill(caption) }).toSvg();
    expect(svg.match(/<image /g)).toHaveLength(count);
    for (const [, x, w] of svg.matchAll(/<image[^>]* x="(\d+)" y="[\d.]+" width="(\d+)"/g)) {
      expect(Number(x) + Number(w)).toBeLessThanOrEqual(width - 40);
    }
    const forbidden = [...svg].filter((character) => character < ' ' && !/\s/.test(character));
    expect(forbidden).toEqual([]);
  });
});

describe('mistakesGrid', () => {
  it('says what is right, what was said, how surely and by how many', async () => {
    const figure = mistakesGrid({
      images: drawnImages(5),
      mistakes: [{ index: 3, label: 0, predicted: 1, confidence: 0.613, votes: [5, 30] }],
      classNames: ['Trouser', 'Dress'],
    });
    expect(figure.title).toBe('1 mistake');
    const svg = figure.toSvg();
    for (const words of ['Trouser → Dress', '61.3 %', '30 of 35', '#3']) expect(svg).toContain(`>${words}<`);
  });

  it('says so when there are none, and how many are left out', async () => {
    expect(mistakesGrid({ images: drawnImages(1), mistakes: [] }).toTerminal()).toContain(
      'Nothing was misclassified.',
    );
    const mistakes = Array.from({ length: 7 }, (_, index) => ({ index, label: 1, predicted: 2 }));
    const some = mistakesGrid({ images: drawnImages(7), mistakes, limit: 3 });
    expect(some.toTerminal({ columns: 120 })).toContain('The first 3 of 7 are shown.');
    expect(some.toSvg().match(/<image /g)).toHaveLength(3);
  });

  it('refuses a mistake outside the images', () => {
    const mistakes = [{ index: 9, label: 1, predicted: 2 }];
    expect(() => mistakesGrid({ images: drawnImages(5), mistakes })).toThrow(
      /mistakes\[0\].index is 9; expected a whole number from 0 to 4/,
    );
  });
});

describe('encodePng', () => {
  test.prop([
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 300 }),
    fc.constantFrom(1 as const, 3 as const),
  ])('compresses what zlib reads back', (width, height, channels) => {
    const pixels = Uint8Array.from({ length: width * height * channels }, (_, at) => (at * 31) & 255);
    const png = Buffer.from(encodePng(pixels, width, height, channels));
    const length = png.readUInt32BE(33);
    expect(png.toString('latin1', 37, 41)).toBe('IDAT');
    expect(png.readUInt32BE(41 + length)).toBe(crc32(png.subarray(37, 41 + length)));
    const rows = inflateSync(png.subarray(41, 41 + length));
    const row = width * channels;
    for (let y = 0; y < height; y++) {
      expect(rows[y * (row + 1)]).toBe(0);
      expect(
        rows.subarray(y * (row + 1) + 1, (y + 1) * (row + 1)).equals(pixels.subarray(y * row, (y + 1) * row)),
      ).toBe(true);
    }
  });
});

/** RGBA, by the renderer itself rather than by way of a PNG file. */
async function rasterise(svg: string, scale: number): Promise<{ pixels: Buffer; width: number }> {
  const { Resvg } = await import('@resvg/resvg-js');
  const image = new Resvg(svg.replaceAll(' style="image-rendering:pixelated"', ''), {
    fitTo: { mode: 'zoom', value: scale },
    font: { loadSystemFonts: false },
  }).render();
  return { pixels: image.pixels, width: image.width };
}
