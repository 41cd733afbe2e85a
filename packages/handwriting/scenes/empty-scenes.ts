import type { Picture } from '../src/picture.js';
import { Canvas, type Draw } from './canvas.js';
import { ruled, sheet, smooth, squared } from './painting.js';

/** Pictures without a digit: each must be refused. */
export const empty: readonly { name: string; paint: (draw: Draw) => Picture }[] = [
  { name: 'white', paint: () => sheet().toPicture() },
  { name: 'black', paint: () => sheet(200, 200, [0, 0, 0]).toPicture() },
  { name: 'blank 28 x 28', paint: () => new Canvas(28, 28, [0, 0, 0]).toPicture() },
  { name: 'white 28 x 28', paint: () => new Canvas(28, 28).toPicture() },
  { name: 'grey noise', paint: (r) => sheet(320, 240, [0.5, 0.5, 0.5]).noise(r, 0.2).toPicture() },
  { name: 'coloured noise', paint: (r) => sheet(320, 240, [0.5, 0.5, 0.5]).noise(r, 0.3, true).toPicture() },
  {
    name: 'even noise 28 x 28',
    paint: (r) =>
      new Canvas(28, 28)
        .each(() => {
          const v = r.uniform();
          return [v, v, v];
        })
        .toPicture(),
  },
  {
    name: 'even noise 200 x 200',
    paint: (r) =>
      new Canvas(200, 200)
        .each(() => {
          const v = r.uniform();
          return [v, v, v];
        })
        .toPicture(),
  },
  { name: 'faint noise on paper', paint: (r) => sheet().noise(r, 0.02).toPicture() },
  {
    name: 'salt and pepper',
    paint: (r) =>
      sheet(200, 200, [0.5, 0.5, 0.5])
        .each((_x, _y, before) => {
          const u = r.uniform();
          return u < 0.05 ? [0, 0, 0] : u > 0.95 ? [1, 1, 1] : before;
        })
        .toPicture(),
  },
  { name: 'coarse noise', paint: (r) => sheet(320, 240, [0.5, 0.5, 0.5]).noise(r, 0.8).blur(3).toPicture() },
  {
    name: 'a gradient',
    paint: () =>
      sheet()
        .light((x) => 0.2 + (0.8 * x) / 320)
        .toPicture(),
  },
  {
    name: 'a vignette',
    paint: (r) =>
      sheet()
        .light((x, y) => 1 - 0.8 * smooth(0.2, 1, Math.hypot(x - 160, y - 120) / 200))
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: 'blank lined paper',
    paint: (r) => ruled(sheet(), 24, [0.5, 0.6, 0.8], 1).noise(r, 0.01).toPicture(),
  },
  {
    name: 'blank squared paper',
    paint: (r) => squared(sheet(), 18, [0.4, 0.5, 0.7], 1, 0.03).noise(r, 0.01).toPicture(),
  },
  {
    name: "only the desk's edge",
    paint: (r) =>
      sheet()
        .cover([0.35, 0.22, 0.13], (x, y) => smooth(81, 79, x + 0.15 * y))
        .noise(r, 0.012)
        .toPicture(),
  },
  {
    name: "only a hand's shadow",
    paint: (r) =>
      sheet()
        .light((x, y) => 1 - 0.5 * smooth(140, 180, x + 0.4 * y))
        .noise(r, 0.012)
        .toPicture(),
  },
];
