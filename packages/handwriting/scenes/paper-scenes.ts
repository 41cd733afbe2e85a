import { black, blue, ruled, type Scene, sheet, smooth, squared, white, write } from './painting.js';

/** Light, shadows, desks, frames, rulings and specks. */
export const paperScenes: readonly Scene[] = [
  { name: 'clean pen', paint: (d, r) => write(sheet(), d, r).toPicture() },
  {
    name: 'white on black',
    paint: (d, r) => write(sheet(280, 280, [0, 0, 0]), d, r, { colour: [1, 1, 1] }).toPicture(),
  },
  {
    name: 'light from the side',
    paint: (d, r) =>
      write(sheet(), d, r)
        .light((x) => 0.25 + (0.75 * x) / 320)
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: 'light from a corner',
    paint: (d, r) =>
      write(sheet(), d, r)
        .light((x, y) => 1.05 - 0.8 * smooth(0, 1, (x + y) / 560))
        .noise(r, 0.015)
        .toPicture(),
  },
  {
    name: "a hand's shadow",
    paint: (d, r) => {
      const edge = r.uniform(100, 200);
      return write(sheet(), d, r)
        .light((x, y) => 1 - 0.5 * smooth(edge - 14, edge + 14, x + 0.4 * y))
        .noise(r, 0.012)
        .toPicture();
    },
  },
  {
    name: 'hard shadow across',
    paint: (d, r) => {
      const edge = r.uniform(130, 190);
      return write(sheet(), d, r)
        .light((x, y) => 1 - 0.45 * smooth(edge - 3, edge + 3, x + 0.2 * y))
        .toPicture();
    },
  },
  {
    name: 'shadows of fingers',
    paint: (d, r) =>
      write(sheet(), d, r)
        .light((x, y) => {
          let light = 1;
          for (const [cx, tilt] of [
            [70, 0.2],
            [130, 0.25],
            [195, 0.3],
          ] as const)
            light *= 1 - 0.4 * smooth(26, 10, Math.abs(x - cx - tilt * y)) * smooth(110, 150, y);
          return light;
        })
        .toPicture(),
  },
  {
    name: 'vignette',
    paint: (d, r) =>
      write(sheet(), d, r)
        .light((x, y) => 1 - 0.75 * smooth(0.3, 1.05, Math.hypot(x - 160, y - 120) / 200))
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: "the desk's edge",
    paint: (d, r) => {
      const edge = r.uniform(0.12, 0.25) * 320;
      return write(sheet(), d, r, { x: 0.6 })
        .cover([0.35, 0.22, 0.13], (x, y) => smooth(edge + 1, edge - 1, x + 0.15 * y))
        .noise(r, 0.015)
        .toPicture();
    },
  },
  {
    name: 'a sheet on a wooden desk',
    paint: (d, r) => {
      const canvas = sheet(320, 240, [0.45, 0.3, 0.18]);
      canvas.light((x, y) => 0.9 + 0.15 * Math.sin(y * 0.35 + 3 * Math.sin(x * 0.012)));
      canvas.cover(white, (x, y) => {
        const u = (x - 160) * 0.985 + (y - 120) * 0.17;
        const v = (y - 120) * 0.985 - (x - 160) * 0.17;
        return smooth(101, 99, Math.abs(u)) * smooth(84, 82, Math.abs(v));
      });
      return write(canvas, d, r, { share: 0.42, wander: 0.04 }).noise(r, 0.01).blur(1).toPicture();
    },
  },
  {
    name: 'printed frame',
    paint: (d, r) => {
      const canvas = write(sheet(), d, r, { share: 0.45 });
      for (const [a, b, c, e] of [
        [60, 20, 260, 20],
        [260, 20, 260, 220],
        [260, 220, 60, 220],
        [60, 220, 60, 20],
      ] as const)
        canvas.line(a, b, c, e, 3, black);
      return canvas.toPicture();
    },
  },
  {
    name: 'frame at the border',
    paint: (d, r) =>
      write(sheet(200, 200), d, r, { share: 0.55 })
        .cover([0, 0, 0], (x, y) => (Math.min(x, y, 199 - x, 199 - y) < 4 ? 1 : 0))
        .toPicture(),
  },
  {
    name: 'in a drawn circle',
    paint: (d, r) =>
      write(sheet(), d, r, { share: 0.4, wander: 0.03 })
        .cover(black, (x, y) =>
          smooth(5, 3, Math.abs(Math.hypot(x - 160, (y - 120) * 1.05) - 95 - 3 * Math.sin(x / 20))),
        )
        .toPicture(),
  },
  {
    name: 'squared paper',
    paint: (d, r) =>
      write(squared(sheet(), 16, [0.55, 0.7, 0.85], 1), d, r, { colour: blue })
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: 'squared paper, strong and tilted',
    paint: (d, r) =>
      write(squared(sheet(), 20, [0.3, 0.4, 0.6], 0.85, 0.05), d, r, { pen: 0.1 })
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: 'lined paper with a margin',
    paint: (d, r) => {
      const canvas = ruled(sheet(), 24, [0.5, 0.6, 0.8], 1);
      canvas.line(50, -5, 50, 245, 1.5, [0.85, 0.3, 0.3]);
      return write(canvas, d, r, { colour: blue }).toPicture();
    },
  },
  {
    name: 'lined paper, photographed',
    paint: (d, r) => {
      const canvas = ruled(sheet(), 28, [0.45, 0.5, 0.65], 0.9, 0.04, 1.6);
      canvas.line(40, -5, 46, 245, 1.5, [0.8, 0.3, 0.35]);
      return write(canvas, d, r, { pen: 0.08 })
        .light((x, y) => 0.95 - 0.5 * smooth(0, 1, (x + 0.5 * y) / 440))
        .blur(1)
        .noise(r, 0.015)
        .toPicture();
    },
  },
  {
    name: 'on one line',
    paint: (d, r) =>
      write(sheet(), d, r, { wander: 0.03 }).line(-2, 188, 322, 186, 2.2, black, 0.8).toPicture(),
  },
  {
    name: 'dotted paper',
    paint: (d, r) =>
      write(
        sheet().cover([0.5, 0.5, 0.5], (x, y) => (Math.hypot((x % 16) - 8, (y % 16) - 8) < 1.4 ? 1 : 0)),
        d,
        r,
      ).toPicture(),
  },
  {
    name: 'a far speck',
    paint: (d, r) =>
      write(sheet(), d, r, { share: 0.4 })
        .cover(black, (x, y) => (Math.hypot(x - 298, y - 16) < 4 ? 1 : 0))
        .toPicture(),
  },
  {
    name: 'many specks',
    paint: (d, r) => {
      const spots = Array.from(
        { length: 40 },
        () => [r.uniform(0, 320), r.uniform(0, 240), r.uniform(0.6, 2.6)] as const,
      );
      return write(sheet(), d, r)
        .cover(black, (x, y) => (spots.some(([u, v, s]) => Math.hypot(x - u, y - v) < s) ? 1 : 0))
        .toPicture();
    },
  },
];
