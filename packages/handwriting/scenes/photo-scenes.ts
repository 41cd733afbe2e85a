import { Canvas, type Colour, type Draw } from './canvas.js';
import {
  black,
  blue,
  grainy,
  type Scene,
  sheet,
  smooth,
  squared,
  throughFile,
  white,
  write,
} from './painting.js';

/** A canvas seen through a camera: each pixel shows what lies at `from` in the source, `ground` outside of it. */
function seen(
  source: Canvas,
  width: number,
  height: number,
  ground: Colour,
  from: (x: number, y: number) => readonly [number, number],
): Canvas {
  return new Canvas(width, height).each((x, y) => {
    const [u, v] = from(x + 0.5, y + 0.5);
    const [left, top] = [Math.floor(u - 0.5), Math.floor(v - 0.5)];
    if (left < 0 || top < 0 || left > source.width - 2 || top > source.height - 2) return ground;
    const [a, b] = [u - 0.5 - left, v - 0.5 - top];
    const mix = [0, 0, 0];
    for (const [dx, dy, weight] of [
      [0, 0, (1 - a) * (1 - b)],
      [1, 0, a * (1 - b)],
      [0, 1, (1 - a) * b],
      [1, 1, a * b],
    ] as const)
      for (let i = 0; i < 3; i++)
        mix[i]! += weight * source.data[((top + dy) * source.width + left + dx) * 3 + i]!;
    return mix as unknown as Colour;
  });
}

/** Rows of short strokes, as a printed or written text looks from afar. */
function text(canvas: Canvas, draw: Draw, top: number, bottom: number, colour: Colour): Canvas {
  for (let y = top; y < bottom; y += 13)
    for (let x = 14; x < canvas.width - 16; x += draw.uniform(4, 6.5)) {
      if (draw.uniform() < 0.16) continue;
      const tall = draw.uniform() < 0.25 ? 7 : 4.5;
      canvas.line(x, y, x + draw.uniform(-1.5, 2.5), y - tall, 1.2, colour);
    }
  return canvas;
}

/** As phones see paper, boards and screens. */
export const photoScenes: readonly Scene[] = [
  {
    name: 'sticky note on a dark desk',
    paint: (d, r) => {
      const tilt = r.uniform(-0.2, 0.2);
      const note = (x: number, y: number, shift = 0) => {
        const [u, v] = [x - 165 - shift, y - 120 - shift];
        const across = Math.abs(u * Math.cos(tilt) + v * Math.sin(tilt));
        const down = Math.abs(v * Math.cos(tilt) - u * Math.sin(tilt));
        return smooth(84, 82, Math.max(across, down));
      };
      const canvas = sheet(320, 240, [0.17, 0.13, 0.11])
        .light((x, y) => 1 + 0.2 * Math.sin(y * 0.4 + 2 * Math.sin(x * 0.02)))
        .light((x, y) => 1 - 0.5 * note(x, y, 6))
        .cover([0.96, 0.88, 0.42], note)
        .light((x, y) => 1 - 0.18 * smooth(150, 60, y) * note(x, y));
      return write(canvas, d, r, { share: 0.45, x: 0.515, wander: 0.03 }).noise(r, 0.012).toPicture();
    },
  },
  {
    name: 'squared paper at an angle',
    paint: (d, r) => {
      const paper = write(squared(sheet(520, 520), 26, [0.5, 0.6, 0.8], 1, 0, 1.6), d, r, {
        share: 0.4,
        pen: 0.08,
        colour: blue,
        wander: 0.03,
      });
      const [lean, far] = [r.uniform(-0.25, 0.25), r.uniform(0.25, 0.45)];
      return seen(paper, 320, 240, [0.32, 0.25, 0.2], (x, y) => {
        // The farther up, the smaller.
        const depth = 1 / (1 - far * (0.5 - y / 240));
        const u = (x - 160) * 1.25 * depth;
        const v = (y - 120) * 1.55 * depth;
        return [260 + u + lean * v, 260 + v - 0.5 * lean * u];
      })
        .light((x, y) => 1 - 0.4 * smooth(0, 1, (320 - x + y) / 560))
        .noise(r, 0.012)
        .toPicture();
    },
  },
  {
    name: 'ink bleeds through from the other side',
    paint: (d, r) => {
      const canvas = sheet();
      // Another's writing, mirrored and soft.
      for (let i = 0; i < 6; i++) {
        const [x, y] = [30 + (i % 3) * 100 + r.uniform(-12, 12), 60 + Math.floor(i / 3) * 110];
        canvas.line(x, y, x + r.uniform(20, 50), y + r.uniform(-35, 35), 9, [0.74, 0.77, 0.87]);
        canvas.line(x, y, x + r.uniform(-20, 20), y + r.uniform(30, 50), 9, [0.74, 0.77, 0.87]);
      }
      return write(canvas.blur(2), d, r, { colour: [0.15, 0.22, 0.6], pen: 0.08 })
        .noise(r, 0.01)
        .toPicture();
    },
  },
  {
    name: 'whiteboard, badly wiped, a lamp in it',
    paint: (d, r) => {
      const canvas = sheet(320, 240, [0.78, 0.8, 0.82]);
      for (let i = 0; i < 9; i++) {
        const y = r.uniform(10, 230);
        canvas.line(-5, y, 325, y + r.uniform(-60, 60), r.uniform(8, 22), [0.7, 0.71, 0.75], 0.5);
      }
      const [x0, y0] = [r.uniform(60, 260), r.uniform(30, 210)];
      return write(canvas.blur(3), d, r, { colour: [0.75, 0.15, 0.15], pen: 0.07 })
        .cover([1, 1, 1], (x, y) => 0.85 * smooth(48, 14, Math.hypot((x - x0) * 0.7, y - y0)))
        .light((x) => 0.75 + (0.25 * x) / 320)
        .noise(r, 0.008)
        .toPicture();
    },
  },
  {
    name: 'blurred, then JPEG of quality 10',
    paint: (d, r) =>
      throughFile(
        write(sheet(), d, r, { share: 0.4 })
          .light((x, y) => 0.9 - 0.35 * smooth(0, 1, (x + y) / 560))
          .blur(3)
          .noise(r, 0.02)
          .toPicture(),
        (image) => image.jpeg({ quality: 10 }),
      ),
  },
  {
    name: 'marker that touches the border',
    paint: (d, r) => {
      const [x, y] = [
        [0.5, 0.42],
        [0.5, 0.58],
        [0.42, 0.5],
        [0.58, 0.5],
      ][r.whole(0, 3)] as [number, number];
      return write(sheet(240, 240), d, r, { share: 0.86, pen: 0.14, x, y, wander: 0 })
        .noise(r, 0.01)
        .toPicture();
    },
  },
  {
    name: 'beside printed text',
    paint: (d, r) => {
      const canvas = text(sheet(360, 300), r, 16, 70, [0.3, 0.3, 0.3]);
      text(canvas, r, 240, 296, [0.3, 0.3, 0.3]);
      return write(canvas, d, r, { share: 0.4, y: 0.52, wander: 0.03, colour: blue })
        .noise(r, 0.01)
        .toPicture();
    },
  },
  {
    name: 'in a box of a form',
    paint: (d, r) => {
      const canvas = sheet(360, 160, [0.97, 0.95, 0.9]);
      for (let x = 30; x <= 330; x += 100) canvas.line(x, 25, x, 135, 2, [0.85, 0.45, 0.4]);
      for (const y of [25, 135]) canvas.line(30, y, 330, y, 2, [0.85, 0.45, 0.4]);
      return write(canvas, d, r, { share: 0.52, x: 0.5, wander: 0.03 }).noise(r, 0.012).toPicture();
    },
  },
  {
    name: "a screen's pixels",
    paint: (d, r) => {
      const angle = r.uniform(0.03, 0.09);
      return write(sheet(320, 240, [0.9, 0.93, 0.98]), d, r)
        .each((x, y, [red, green, blueLight]) => {
          const u = x * Math.cos(angle) + y * Math.sin(angle);
          const v = y * Math.cos(angle) - x * Math.sin(angle);
          const wave = (phase: number) => 0.82 + 0.18 * Math.sin(2.6 * u + phase) * Math.cos(2.5 * v);
          return [red * wave(0), green * wave(2.1), blueLight * wave(4.2)];
        })
        .light((x, y) => 0.95 - 0.3 * smooth(60, 220, Math.hypot(x - 160, y - 120)))
        .noise(r, 0.012)
        .toPicture();
    },
  },
  {
    name: 'crayon on cardboard',
    paint: (d, r) => {
      const canvas = sheet(320, 240, [0.66, 0.5, 0.34]);
      canvas.light((x, y) => 0.93 + 0.07 * Math.sin(x * 0.9) + 0.05 * Math.sin(x * 0.031 + y * 0.05));
      const stamp = grainy(d.ink(r.whole(110, 140), 0.11), r, 0.3);
      return canvas
        .stamp(stamp, 85 + r.whole(-15, 15), 50 + r.whole(-15, 15), [0.16, 0.14, 0.3], 0.9)
        .noise(r, 0.02)
        .toPicture();
    },
  },
  {
    name: 'dark felt pen on kraft paper, white paper beneath',
    paint: (d, r) =>
      write(
        sheet(320, 240, white).cover(
          [0.62, 0.48, 0.33],
          (x, y) => smooth(58, 60, x + 0.1 * y) * smooth(268, 266, x - 0.08 * y),
        ),
        d,
        r,
        { share: 0.5, colour: black, pen: 0.07, wander: 0.03 },
      )
        .noise(r, 0.012)
        .toPicture(),
  },
];
