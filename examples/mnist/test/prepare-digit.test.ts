import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { prepareDigit } from '../src/nets/prepare-digit.js';

/** A vertical bar, `ink` on `paper`, off centre. */
function bar(width: number, height: number, channels: 1 | 2 | 3 | 4, ink: number, paper: number) {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= width * 0.2 && x < width * 0.3 && y >= height * 0.1 && y < height * 0.6;
      for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = inside ? ink : paper;
      if (channels === 2 || channels === 4) data[(y * width + x) * channels + channels - 1] = 255;
    }
  }
  return encode({ width, height, data, channels, depth: 8 });
}

function centreOfMass(pixels: Uint8Array) {
  let mass = 0;
  let x = 0;
  let y = 0;
  pixels.forEach((value, index) => {
    mass += value;
    x += value * ((index % 28) + 0.5);
    y += value * (Math.floor(index / 28) + 0.5);
  });
  return { mass, x: x / mass, y: y / mass };
}

describe('prepareDigit', () => {
  it.each([1, 2, 3, 4] as const)(
    'centres a dark digit on paper of %i channels and turns it to light on dark',
    (channels) => {
      const digit = prepareDigit(bar(120, 90, channels, 20, 240), 'digit.png');
      expect(digit.shape).toEqual([28, 28]);
      const { x, y } = centreOfMass(digit.data);
      expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
      expect(digit.get(0, 0)).toBe(0);
      expect(digit.get(14, 14)).toBe(255);
      const rows = Array.from({ length: 28 }, (_, row) => digit.get(row, 14)).filter((value) => value > 127);
      expect(rows).toHaveLength(20);
    },
  );

  it('gives the same for light on dark as for dark on light', () => {
    expect(prepareDigit(bar(120, 90, 1, 220, 15), 'a.png').data).toEqual(
      prepareDigit(bar(120, 90, 1, 35, 240), 'b.png').data,
    );
  });

  it('takes a 28x28 picture with a dark ground as it is', () => {
    const data = Uint8Array.from({ length: 784 }, (_, i) => (i > 200 && i < 400 ? i % 256 : 0));
    expect(
      prepareDigit(encode({ width: 28, height: 28, data, channels: 1, depth: 8 }), 'a.png').data,
    ).toEqual(data);
  });

  it('refuses an empty sheet and a file that is no PNG, by name', () => {
    expect(() => prepareDigit(bar(60, 60, 1, 200, 200), 'blank.png')).toThrow(
      /blank\.png: no digit found.*Expected dark ink/,
    );
    expect(() => prepareDigit(new TextEncoder().encode('hello'), 'note.txt')).toThrow(
      /note\.txt: not a readable PNG/,
    );
  });
});
