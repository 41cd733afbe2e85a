import type { ExplainedStep } from '@mnist/handwriting';
import { type Figure, imageGrid } from '@mnist/viz';

/** Side of a drawn step, in pixels. */
const tile = 136;
const stepNames = [
  'light',
  'paper',
  'contrast',
  'threshold',
  'without-lines',
  'digits',
] as const satisfies readonly ExplainedStep['name'][];

/** Each picture's way into the form of the data set, a row a picture; its digits share the last square. */
export function explainFigure(
  pictures: readonly { readonly file: string; readonly steps: readonly ExplainedStep[] }[],
): Figure {
  const columns = stepNames.length + 1;
  const cells = pictures.flatMap(({ file, steps }) => {
    const digits = steps.filter(({ name }) => name === 'prepared');
    const row = stepNames.map((name) => {
      const step = steps.find((each) => each.name === name);
      return step
        ? { pixels: fitInto(step, tile), caption: step.caption }
        : { pixels: fitInto(nothing, tile), caption: 'Not needed' };
    });
    const last = digits[0]
      ? { pixels: fitInto(sideBySide(digits), tile), caption: digits[0].caption }
      : { pixels: fitInto(nothing, tile), caption: 'Nothing to read' };
    return [...row, last].map((cell, index) => ({
      ...cell,
      caption: [index === 0 ? file : ' ', cell.caption],
    }));
  });
  const data = new Uint8Array(cells.length * tile * tile);
  for (const [index, { pixels }] of cells.entries()) data.set(pixels, index * tile * tile);
  return imageGrid({
    images: { data, shape: [cells.length, tile, tile] },
    captions: cells.map(({ caption }) => caption),
    columns,
    width: 1120,
    ink: 'light',
    title: 'How the pictures were prepared',
  });
}

type Grey = Pick<ExplainedStep, 'width' | 'height' | 'data'>;

const ground = 96;
const nothing: Grey = { width: 1, height: 1, data: Uint8Array.of(ground) };

/** Equally large images in a square grid, in reading order, a pixel apart. */
function sideBySide(images: readonly Grey[]): Grey {
  const across = Math.ceil(Math.sqrt(images.length));
  const step = images[0]!.width + 1;
  const width = across * step - 1;
  const height = Math.ceil(images.length / across) * step - 1;
  const data = new Uint8Array(width * height).fill(ground);
  for (const [index, image] of images.entries()) {
    const [left, top] = [(index % across) * step, Math.floor(index / across) * step];
    for (let y = 0; y < image.height; y++)
      data.set(image.data.subarray(y * image.width, (y + 1) * image.width), (top + y) * width + left);
  }
  return { width, height, data };
}

/** The step in the middle of a square of mid grey, its proportions kept; each pixel the mean of what it covers. */
function fitInto({ width, height, data }: Grey, side: number): Uint8Array {
  const scale = side / Math.max(width, height);
  const [across, down] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
  const [left, top] = [across!, down!].map((length) => Math.floor((side - length) / 2));
  const out = new Uint8Array(side * side).fill(ground);
  for (let y = 0; y < down!; y++) {
    const [y0, y1] = covered(y, height, down!);
    for (let x = 0; x < across!; x++) {
      const [x0, x1] = covered(x, width, across!);
      let sum = 0;
      for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += data[v * width + u]!;
      out[(top! + y) * side + left! + x] = Math.round(sum / ((y1 - y0) * (x1 - x0)));
    }
  }
  return out;
}

/** Source pixels that pixel `at` of `to` covers, at least one. */
function covered(at: number, from: number, to: number): [number, number] {
  const start = Math.floor((at * from) / to);
  return [start, Math.max(start + 1, Math.floor(((at + 1) * from) / to))];
}
