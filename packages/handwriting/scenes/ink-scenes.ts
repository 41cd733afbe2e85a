import type { Picture } from '../src/picture.js';
import { Canvas } from './canvas.js';
import { blue, grainy, type Scene, sheet, smooth, throughFile, write } from './painting.js';

/** Sizes, files, inks, grounds and blur. */
export const inkScenes: readonly Scene[] = [
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
