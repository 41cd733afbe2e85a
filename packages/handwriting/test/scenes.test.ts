import { describe, expect, it } from 'vitest';
import { Canvas, Draw } from '../scenes/canvas.js';
import { type Digit, penDigit } from '../scenes/digits.js';
import { empty } from '../scenes/empty-scenes.js';
import { paintSeveral } from '../scenes/paint-several.js';
import { scenes } from '../scenes/scenes.js';
import { explainDigit, HandwritingError, prepareDigit, prepareDigits } from '../src/index.js';

/** The digit as it is prepared from clean black ink on white: what each scene must come back to. */
function clean(digit: Digit, pen: number): Uint8Array {
  return prepareDigit(new Canvas(160, 160).stamp(digit.ink(120, pen), 20, 20, [0, 0, 0]).toPicture()).image
    .data;
}

/** Correlation of two images, at the best shift by at most a pixel: the centre of mass rounds. */
function correlation(a: Uint8Array, b: Uint8Array): number {
  let best = -1;
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++) {
      let [sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0];
      for (let i = 0; i < 784; i++) {
        const [x, y] = [(i % 28) + dx, Math.floor(i / 28) + dy];
        const p = a[i]!;
        const q = x < 0 || y < 0 || x > 27 || y > 27 ? 0 : b[y * 28 + x]!;
        sa += p;
        sb += q;
        aa += p * p;
        bb += q * q;
        ab += p * q;
      }
      best = Math.max(best, (784 * ab - sa * sb) / Math.sqrt((784 * aa - sa * sa) * (784 * bb - sb * sb)));
    }
  return best;
}

describe('every scene comes back to the clean digit', () => {
  for (const [index, scene] of scenes.entries())
    it(scene.name, async () => {
      const draw = new Draw(400 + index);
      const label = (7 * index) % 10;
      const digit = penDigit(label, draw);
      const { image } = prepareDigit(await scene.paint(digit, draw));
      const best = Math.max(...[0.06, 0.12].map((pen) => correlation(image.data, clean(digit, pen))));
      // A digit of ten pixels has lost its details.
      expect(best, `digit ${label}`).toBeGreaterThan(
        scene.name.startsWith('28') || scene.name === 'tiny' ? 0.6 : 0.75,
      );
    });
});

describe('without a digit', () => {
  for (const { name, paint } of empty)
    it(`${name} is refused`, () => {
      for (const seed of [1, 2, 3]) {
        const picture = paint(new Draw(seed));
        expect(prepareDigits(picture)).toMatchObject({ digits: [], best: -1, inkShare: 0 });
        expect(() => prepareDigit(picture)).toThrowError(HandwritingError);
      }
    });
});

it('announces several digits and gives them in reading order', () => {
  const draw = new Draw(5);
  const rows = [
    [4, 0, 7],
    [9, 5, 2],
  ].map((row) => row.map((label) => penDigit(label, draw)));
  const picture = paintSeveral(rows, draw);
  const { digits } = prepareDigits(picture);
  expect(digits).toHaveLength(6);
  for (const [index, digit] of rows.flat().entries())
    expect(correlation(digits[index]!.image.data, clean(digit, 0.09)), `digit ${index}`).toBeGreaterThan(
      0.75,
    );
  expect(prepareDigit(picture).warnings).toContain('several-digits');
});

it('warns of faint ink and of ink that runs off the picture', () => {
  const digit = penDigit(3, new Draw(1));
  const faint = new Canvas(200, 200).stamp(digit.ink(120, 0.09), 40, 40, [0.88, 0.88, 0.88]).toPicture();
  expect(prepareDigit(faint).warnings).toEqual(['low-contrast']);
  const off = new Canvas(200, 200)
    .stamp(penDigit(0, new Draw(1)).ink(120, 0.09), 140, 40, [0, 0, 0])
    .toPicture();
  expect(prepareDigit(off).warnings).toContain('cut-off');
});

it('explains itself step by step', () => {
  const picture = new Canvas(200, 150)
    .stamp(penDigit(5, new Draw(1)).ink(90, 0.09), 50, 30, [0, 0, 0])
    .toPicture();
  const { steps, digits } = explainDigit(picture);
  expect(steps.map(({ name }) => name)).toEqual([
    'light',
    'paper',
    'contrast',
    'threshold',
    'without-lines',
    'digits',
    'prepared',
  ]);
  for (const { width, height, data } of steps) expect(data).toHaveLength(width * height);
  expect(steps.at(-1)!.data).toEqual(digits[0]!.image.data);
  expect(digits[0]!.box.left).toBeGreaterThanOrEqual(50);
});
