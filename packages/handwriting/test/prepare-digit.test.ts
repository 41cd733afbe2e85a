import { loadDataset } from '@mnist/dataset';
import { expect, it } from 'vitest';
import { Canvas, Draw } from '../scenes/canvas.js';
import { penDigit } from '../scenes/digits.js';
import { HandwritingError, normalisations, prepareDigit, prepareDigits } from '../src/index.js';

const seven = new Canvas(120, 120)
  .stamp(penDigit(7, new Draw(2)).ink(80, 0.1), 20, 20, [0, 0, 0])
  .toPicture();

it("fits the ink into MNIST's box, its centre of mass in the middle", () => {
  for (let label = 0; label < 10; label++) {
    const picture = new Canvas(150, 120)
      .stamp(penDigit(label, new Draw(label)).ink(70, 0.1), 60, 8, [0, 0, 0])
      .toPicture();
    const { data } = prepareDigit(picture).image;
    let [left, top, right, bottom, mass, x, y] = [28, 28, 0, 0, 0, 0, 0];
    for (let i = 0; i < 784; i++) {
      const value = data[i]!;
      const [column, row] = [i % 28, Math.floor(i / 28)];
      mass += value;
      x += value * (column + 0.5);
      y += value * (row + 0.5);
      if (value < 20) continue;
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row + 1);
    }
    expect(Math.abs(Math.max(right - left, bottom - top) - 20), `size of ${label}`).toBeLessThanOrEqual(1);
    expect(Math.abs(x / mass - 14), `across, ${label}`).toBeLessThanOrEqual(0.75);
    expect(Math.abs(y / mass - 14), `down, ${label}`).toBeLessThanOrEqual(0.75);
  }
});

it('takes an image that has the form already as it is, black on white too', () => {
  const { image } = prepareDigit(seven);
  const white = { width: 28, height: 28, data: image.data };
  const again = prepareDigit(white);
  expect(again.alreadyPrepared).toBe(true);
  expect(again.image.data).toEqual(image.data);
  const black = { width: 28, height: 28, data: image.data.map((value) => 255 - value) };
  expect(prepareDigit(black).image.data).toEqual(image.data);
});

it('takes no 28 x 28 picture for prepared whose digit lies elsewhere', () => {
  const { image } = prepareDigit(seven);
  const moved = new Uint8Array(784);
  for (let y = 0; y < 24; y++)
    for (let x = 3; x < 28; x++) moved[y * 28 + x - 3] = image.data[(y + 4) * 28 + x]!;
  expect(prepareDigit({ width: 28, height: 28, data: moved }).alreadyPrepared).toBe(false);
});

it('knows the test images of MNIST for prepared', async (context) => {
  if (!process.env.MNIST_DATA_DIR) return context.skip('MNIST_DATA_DIR is not set');
  const { images } = await loadDataset('mnist', {
    split: 'test',
    dataDir: process.env.MNIST_DATA_DIR,
    download: false,
  });
  let known = 0;
  for (let i = 0; i < 2_000; i++) {
    const data = new Uint8Array(784).map((_, at) => images.get(i, Math.floor(at / 28), at % 28));
    const { digits } = prepareDigits({ width: 28, height: 28, data });
    if (digits[0]?.alreadyPrepared) known++;
  }
  expect(known).toBeGreaterThanOrEqual(1_990);
});

it("keeps a thing's grey levels and fills the square for other data sets", () => {
  const picture = new Canvas(100, 100).cover([0.4, 0.4, 0.4], (x, y) =>
    x > 30 && x < 70 && y > 10 && y < 90 ? 1 : 0,
  );
  picture.cover([0.1, 0.1, 0.1], (x, y) => (x > 30 && x < 70 && y > 40 && y < 50 ? 1 : 0));
  const { image } = prepareDigit(picture.toPicture(), { normalisation: 'fit' });
  const column = Array.from({ length: 28 }, (_, y) => image.get(y, 14));
  expect(Math.min(...column)).toBeGreaterThan(100);
  expect(column[12]! - column[3]!).toBeGreaterThan(30);
});

it("takes a bright thing that fills another data set's square as it is, not for a white ground", () => {
  const data = Uint8Array.from({ length: 784 }, (_, i) => (i % 28 > 5 && i % 28 < 22 ? 255 : 0));
  const thing = { width: 28, height: 28, data };
  expect(prepareDigit(thing, { normalisation: 'fit' }).image.data).toEqual(data);
  const onWhite = { width: 28, height: 28, data: data.map((value) => 255 - value) };
  expect(prepareDigit(onWhite, { normalisation: 'fit' }).image.data).toEqual(data);
});

it('brings a digit into any form that is asked for', () => {
  const { image } = prepareDigit(seven, {
    normalisation: { side: 32, box: 30, centre: 'box', strokeWidth: [3, 3] },
  });
  expect(image.shape).toEqual([32, 32]);
  expect(prepareDigit(seven, { normalisation: 'emnist' }).image.shape).toEqual([28, 28]);
  expect(Object.keys(normalisations)).toEqual(['mnist', 'emnist', 'fit']);
});

it('reads grey, colour and transparent pixels alike', () => {
  const [grey, colour] = [new Uint8Array(120 * 120), new Uint8ClampedArray(120 * 120 * 3)];
  for (let i = 0; i < grey.length; i++) {
    grey[i] = seven.data[i * 4]!;
    colour.fill(grey[i]!, i * 3, i * 3 + 3);
  }
  const expected = prepareDigit(seven).image.data;
  expect(prepareDigit({ width: 120, height: 120, data: grey }).image.data).toEqual(expected);
  expect(prepareDigit({ width: 120, height: 120, data: colour }).image.data).toEqual(expected);
});

it('looks for ink of the polarity alone that it was told', () => {
  expect(prepareDigit(seven, { ink: 'dark' }).image.data).toEqual(prepareDigit(seven).image.data);
  expect(prepareDigits(seven, { ink: 'light' }).polarity).toBe('light');
  expect(() => prepareDigit(seven, { ink: 'blue' as 'dark' })).toThrow(/expected 'dark' or 'light'/);
});

it('names what is wrong with its input', () => {
  const code = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      return (error as HandwritingError).code;
    }
    return undefined;
  };
  expect(code(() => prepareDigit({ width: 10, height: 10, data: new Uint8Array(5) }))).toBe(
    'INVALID_PICTURE',
  );
  expect(code(() => prepareDigit({ width: 1.5, height: 10, data: new Uint8Array(15) }))).toBe(
    'INVALID_PICTURE',
  );
  expect(code(() => prepareDigit({ width: 4, height: 4, data: new Uint8Array(16) }))).toBe('TOO_SMALL');
  expect(code(() => prepareDigit(seven, { normalization: 'mnist' } as object))).toBe('INVALID_OPTION');
  expect(code(() => prepareDigit(seven, { normalisation: 'cifar' as 'mnist' }))).toBe('INVALID_OPTION');
  expect(code(() => prepareDigit(seven, { normalisation: { side: 28, box: 40, centre: 'mass' } }))).toBe(
    'INVALID_OPTION',
  );
  expect(code(() => prepareDigit(new Canvas(50, 50).toPicture()))).toBe('NO_DIGIT');
  expect(new HandwritingError('NO_DIGIT', 'x')).toBeInstanceOf(Error);
});

it('reads a straight 1, which fills its box as a frame does', () => {
  for (const width of [1.5, 6, 14]) {
    const picture = new Canvas(200, 200).line(100, 50, 100, 150, width, [0.1, 0.1, 0.1]).toPicture();
    const { box } = prepareDigit(picture);
    expect(box.bottom - box.top, `${width} wide`).toBeGreaterThan(95);
  }
});

it.each([
  [3, 2],
  [6, 2],
  [8, 1],
  [9, 2],
])('takes a %i written with a thick pen for ink, not the paper in its loops', (label, seed) => {
  const stamp = penDigit(label, new Draw(seed)).ink(90, 0.28);
  const { polarity, digits, best } = prepareDigits(
    new Canvas(200, 200).stamp(stamp, 55, 55, [0.05, 0.05, 0.05]).toPicture(),
  );
  expect(polarity).toBe('dark');
  expect(digits[best]!.box.bottom - digits[best]!.box.top).toBeGreaterThan(70);
});

it.each([3, 6, 8, 9])(
  'takes a %i written with a thick pen for the digit, not what is left of the lines around it',
  (label) => {
    const paper = new Canvas(320, 240);
    for (let at = 10; at < 330; at += 20)
      paper
        .line(at, -5, at + 12, 245, 1.2, [0.3, 0.4, 0.6], 0.85)
        .line(-5, at, 325, at - 16, 1.2, [0.3, 0.4, 0.6], 0.85);
    const stamp = penDigit(label, new Draw(2)).ink(90, 0.28);
    const { box } = prepareDigit(paper.stamp(stamp, 110, 70, [0.1, 0.1, 0.12]).toPicture());
    expect(Math.hypot(box.left - 121, box.top - 76, box.right - 184, box.bottom - 154)).toBeLessThan(12);
  },
);

it("joins a 5's bar that stands a little away, and no thin line above a digit", () => {
  const five = (bar: number) =>
    new Canvas(240, 200)
      .line(100, 60, 88, 95, 10, [0.1, 0.1, 0.1])
      .line(88, 95, 130, 100, 10, [0.1, 0.1, 0.1])
      .line(130, 100, 125, 140, 10, [0.1, 0.1, 0.1])
      .line(125, 140, 85, 145, 10, [0.1, 0.1, 0.1])
      .line(120, 48, 186, 44, bar, [0.1, 0.1, 0.1])
      .toPicture();
  expect(prepareDigit(five(10)).box.right).toBeGreaterThan(180);
  expect(prepareDigit(five(2)).box.right).toBeLessThan(145);
});
