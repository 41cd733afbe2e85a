import sharp, { type Sharp } from 'sharp';
import { readPicture } from '../src/node.js';
import type { Picture } from '../src/picture.js';
import { Canvas, type Colour, type Draw, type Stamp } from './canvas.js';
import type { Digit } from './digits.js';

/** Paints a digit as people show theirs. */
export interface Scene {
  readonly name: string;
  readonly paint: (digit: Digit, draw: Draw) => Picture | Promise<Picture>;
}

const white: Colour = [0.97, 0.97, 0.96];
const black: Colour = [0.1, 0.1, 0.12];
const blue: Colour = [0.12, 0.2, 0.55];
const smooth = (from: number, to: number, value: number) => {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
};

/** A digit somewhere near the middle of a canvas, of about `share` of its shorter side. */
function write(
  canvas: Canvas,
  digit: Digit,
  draw: Draw,
  { share = 0.5, pen = 0.09, colour = black, opacity = 1, x = 0.5, y = 0.5, wander = 0.06 } = {},
): Canvas {
  const shorter = Math.min(canvas.width, canvas.height);
  const side = Math.round(share * shorter * draw.uniform(0.92, 1.08));
  const stamp = digit.ink(side, pen * draw.uniform(0.85, 1.15));
  const left = Math.round(canvas.width * x - side / 2 + draw.uniform(-wander, wander) * shorter);
  const top = Math.round(canvas.height * y - side / 2 + draw.uniform(-wander, wander) * shorter);
  return canvas.stamp(stamp, left, top, colour as Colour, opacity);
}

const sheet = (width = 320, height = 240, paper: Colour = white) => new Canvas(width, height, paper);

async function throughFile(picture: Picture, encode: (image: Sharp) => Sharp): Promise<Picture> {
  const { width, height, data } = picture;
  const bytes = await encode(sharp(data, { raw: { width, height, channels: 4 } })).toBuffer();
  return readPicture(new Uint8Array(bytes));
}

/** Grains that leave a stroke unevenly covered. */
function grainy(stamp: Stamp, draw: Draw, least: number): Stamp {
  return { side: stamp.side, data: stamp.data.map((value) => value * draw.uniform(least, 1)) };
}

const ruled = (canvas: Canvas, spacing: number, colour: Colour, opacity: number, slope = 0, width = 1.2) => {
  for (let y = spacing * 0.7; y < canvas.height * 1.3; y += spacing)
    canvas.line(-5, y, canvas.width + 5, y - slope * canvas.width, width, colour, opacity);
  return canvas;
};

const squared = (
  canvas: Canvas,
  spacing: number,
  colour: Colour,
  opacity: number,
  slope = 0,
  width = 1.2,
) => {
  ruled(canvas, spacing, colour, opacity, slope, width);
  for (let x = spacing * 0.4 - slope * canvas.height; x < canvas.width * 1.2; x += spacing)
    canvas.line(x, -5, x + slope * canvas.height, canvas.height + 5, width, colour, opacity);
  return canvas;
};

export const scenes: readonly Scene[] = [
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
  {
    name: 'tiny',
    paint: (d, r) => write(sheet(400, 400), d, r, { share: 0.05, pen: 0.1, wander: 0.3 }).toPicture(),
  },
  {
    name: 'small in a large photo',
    paint: (d, r) =>
      write(sheet(1200, 900), d, r, { share: 0.07, pen: 0.08, wander: 0.3 })
        .light((x) => 0.5 + (0.5 * x) / 1200)
        .toPicture(),
  },
  { name: 'huge', paint: (d, r) => write(sheet(), d, r, { share: 0.94, pen: 0.1, wander: 0 }).toPicture() },
  {
    name: 'huge marker',
    paint: (d, r) => write(sheet(240, 240), d, r, { share: 0.9, pen: 0.17, wander: 0 }).toPicture(),
  },
  { name: 'hairline', paint: (d, r) => write(sheet(500, 500), d, r, { share: 0.6, pen: 0.01 }).toPicture() },
  {
    name: 'off-centre',
    paint: (d, r) => write(sheet(), d, r, { share: 0.3, x: 0.84, y: 0.78, wander: 0.03 }).toPicture(),
  },
  {
    name: 'black on transparent',
    paint: (d, r) => {
      const ink = write(sheet(200, 200, [0, 0, 0]), d, r, { colour: [1, 1, 1] });
      const alpha = ink.data.slice();
      return throughFile(
        new Canvas(200, 200, [0, 0, 0]).toPicture((x, y) => alpha[(y * 200 + x) * 3]!),
        (image) => image.png(),
      );
    },
  },
  {
    name: 'white on transparent',
    paint: (d, r) => {
      const ink = write(sheet(200, 200, [0, 0, 0]), d, r, { colour: [1, 1, 1] });
      const alpha = ink.data.slice();
      return new Canvas(200, 200, [1, 1, 1]).toPicture((x, y) => alpha[(y * 200 + x) * 3]!);
    },
  },
  {
    name: 'palette of 4 colours',
    paint: (d, r) =>
      throughFile(write(sheet(), d, r, { colour: blue }).toPicture(), (image) =>
        image.png({ palette: true, colours: 4 }),
      ),
  },
  {
    name: '16 bits',
    paint: (d, r) =>
      throughFile(write(sheet(), d, r).toPicture(), (image) =>
        image.toColourspace('rgb16').png({ compressionLevel: 1 }),
      ),
  },
  {
    name: 'JPEG, quality 15',
    paint: (d, r) =>
      throughFile(write(sheet(), d, r).noise(r, 0.01).toPicture(), (image) => image.jpeg({ quality: 15 })),
  },
  {
    name: 'turned by EXIF',
    paint: async (d, r) => {
      const turned = await throughFile(write(sheet(), d, r).toPicture(), (image) => image.rotate(90).png());
      return throughFile(turned, (image) => image.jpeg().withMetadata({ orientation: 8 }));
    },
  },
  {
    name: 'chalk on a board',
    paint: (d, r) => {
      const canvas = sheet(320, 240, [0.13, 0.22, 0.18]);
      canvas.light((x, y) => 1 + 0.25 * Math.sin(x / 23 + Math.sin(y / 31)));
      const stamp = grainy(d.ink(130, 0.1), r, 0.35);
      return canvas
        .stamp(stamp, 90 + r.whole(-15, 15), 55 + r.whole(-15, 15), [0.92, 0.92, 0.88], 0.9)
        .noise(r, 0.015)
        .toPicture();
    },
  },
  {
    name: 'yellow marker',
    paint: (d, r) =>
      write(sheet(), d, r, { colour: [0.97, 0.93, 0.25], opacity: 0.9, pen: 0.13 })
        .noise(r, 0.008)
        .toPicture(),
  },
  {
    name: 'orange pen on pink paper',
    paint: (d, r) =>
      write(sheet(320, 240, [0.98, 0.8, 0.85]), d, r, { colour: [0.95, 0.5, 0.1] })
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: 'red on green of the same brightness',
    paint: (d, r) =>
      write(sheet(320, 240, [0.25, 0.62, 0.3]), d, r, { colour: [0.85, 0.35, 0.3] })
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: '28 x 28, drawn small',
    paint: (d, r) => {
      const canvas = new Canvas(28, 28, [0, 0, 0]);
      const side = r.whole(9, 14);
      const stamp = d.ink(side, 0.12);
      return canvas.stamp(stamp, r.whole(2, 26 - side), r.whole(2, 26 - side), [1, 1, 1]).toPicture();
    },
  },
  {
    name: '28 x 28, off-centre',
    paint: (d, r) => {
      const canvas = new Canvas(28, 28, [0, 0, 0]);
      return canvas
        .stamp(d.ink(18, 0.1), r.whole(0, 1) * 8 + 1, r.whole(0, 1) * 8 + 1, [1, 1, 1])
        .toPicture();
    },
  },
  {
    name: '28 x 28, black on white',
    paint: (d, r) =>
      new Canvas(28, 28).stamp(d.ink(19, 0.11), r.whole(2, 7), r.whole(2, 7), [0, 0, 0]).toPicture(),
  },
  {
    name: 'pencil',
    paint: (d, r) => {
      const canvas = sheet(320, 240, [0.93, 0.92, 0.9]);
      const stamp = grainy(d.ink(125, 0.045), r, 0.25);
      return canvas
        .stamp(stamp, 95 + r.whole(-20, 20), 55 + r.whole(-20, 20), [0.5, 0.5, 0.52], 0.75)
        .noise(r, 0.012)
        .toPicture();
    },
  },
  {
    name: 'faint pencil in half light',
    paint: (d, r) =>
      write(sheet(), d, r, { colour: [0.72, 0.72, 0.72], pen: 0.06 })
        .light((x) => 0.45 + (0.4 * x) / 320)
        .noise(r, 0.01)
        .toPicture(),
  },
  {
    name: 'blue ink on grey paper',
    paint: (d, r) =>
      write(sheet(320, 240, [0.55, 0.55, 0.54]), d, r, { colour: [0.2, 0.27, 0.6] })
        .noise(r, 0.015)
        .toPicture(),
  },
  { name: 'noise', paint: (d, r) => write(sheet(), d, r).noise(r, 0.16).toPicture() },
  {
    name: 'coloured noise in the dark',
    paint: (d, r) =>
      write(sheet(), d, r)
        .light(() => 0.35)
        .noise(r, 0.06, true)
        .toPicture(),
  },
  { name: 'out of focus', paint: (d, r) => write(sheet(), d, r).blur(4).noise(r, 0.008).toPicture() },
  {
    name: 'whiteboard with a glare',
    paint: (d, r) =>
      write(sheet(320, 240, [0.72, 0.74, 0.76]), d, r, { colour: [0.15, 0.35, 0.2] })
        .cover([1, 1, 1], (x, y) => 0.75 * smooth(80, 10, Math.hypot(x - 210, y - 70)))
        .toPicture(),
  },
  {
    name: 'crumpled paper',
    paint: (d, r) => {
      const folds = Array.from(
        { length: 9 },
        () => [r.uniform(0, Math.PI), r.uniform(-200, 200), r.uniform(-0.14, 0.14)] as const,
      );
      return write(sheet(), d, r)
        .light((x, y) => {
          let light = 0.85;
          for (const [angle, offset, strength] of folds) {
            const distance = (x - 160) * Math.cos(angle) + (y - 120) * Math.sin(angle) - offset;
            light += strength * (distance > 0 ? Math.exp(-distance / 40) : 0);
          }
          return light;
        })
        .toPicture();
    },
  },
  {
    name: 'coffee stain',
    paint: (d, r) =>
      write(sheet(), d, r)
        .light(
          (x, y) =>
            1 -
            0.28 * smooth(8, 2, Math.abs(Math.hypot(x - 230, y - 150) - 70)) -
            0.1 * smooth(72, 66, Math.hypot(x - 230, y - 150)),
        )
        .toPicture(),
  },
  {
    name: 'punched holes',
    paint: (d, r) =>
      write(sheet(), d, r, { x: 0.58 })
        .cover([0.15, 0.13, 0.12], (x, y) => (Math.hypot(x - 28, (y % 120) - 60) < 11 ? 1 : 0))
        .toPicture(),
  },
  {
    name: "the page's print shines through",
    paint: (d, r) => {
      const canvas = sheet();
      for (let i = 0; i < 40; i++)
        canvas.line(
          20 + (i % 8) * 37,
          20 + Math.floor(i / 8) * 48,
          45 + (i % 8) * 37,
          24 + Math.floor(i / 8) * 48 + r.uniform(-6, 6),
          3,
          [0.8, 0.8, 0.8],
        );
      return write(canvas.blur(1), d, r).toPicture();
    },
  },
  {
    name: 'a thumb in the corner',
    paint: (d, r) =>
      write(sheet(), d, r, { x: 0.45, y: 0.45 })
        .cover([0.75, 0.52, 0.42], (x, y) => smooth(1.05, 0.98, Math.hypot((x - 320) / 90, (y - 240) / 70)))
        .toPicture(),
  },
  {
    name: 'an app with bars above and below',
    paint: (d, r) =>
      write(sheet(240, 420), d, r, { share: 0.6 })
        .cover([0.15, 0.15, 0.2], (_x, y) => (y < 40 || y > 370 ? 1 : 0))
        .toPicture(),
  },
  {
    name: 'tight crop',
    paint: (d, r) => crop(write(sheet(300, 300), d, r, { share: 0.7, pen: 0.11 }).toPicture()),
  },
];

/** Cuts a picture down to its ink. */
function crop(picture: Picture): Picture {
  const { width, height, data } = picture;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4]! > 140) continue;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
    }
  // A stroke alone would fill its picture: nobody crops a 1 to nothing but ink.
  const by = right - left < 0.35 * (bottom - top) ? Math.round(0.3 * (bottom - top)) : 1;
  left = Math.max(0, left - by);
  right = Math.min(width, right + by);
  const out = new Uint8Array((right - left) * (bottom - top) * 4);
  for (let y = top; y < bottom; y++)
    out.set(data.subarray((y * width + left) * 4, (y * width + right) * 4), (y - top) * (right - left) * 4);
  return { width: right - left, height: bottom - top, data: out };
}

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

/** Writes several digits in rows: what must be announced and read in order. */
export function paintSeveral(rows: readonly (readonly Digit[])[], draw: Draw): Picture {
  const cell = 110;
  const canvas = sheet(cell * Math.max(...rows.map((row) => row.length)) + 40, cell * rows.length + 40);
  for (const [y, row] of rows.entries())
    for (const [x, digit] of row.entries()) {
      const side = Math.round(draw.uniform(72, 92));
      canvas.stamp(
        digit.ink(side, 0.09),
        25 + x * cell + draw.whole(-6, 8),
        30 + y * cell + draw.whole(-10, 10),
        black,
      );
    }
  return canvas.light((x) => 0.7 + (0.3 * x) / canvas.width).toPicture();
}
