import type { Colour } from './_theme.js';

/** Bits of the eight dots of a braille cell, [row][column] (Unicode 15, block U+2800). */
const BRAILLE = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** A raster of text cells: 2x4 dots each in Unicode, one each in ASCII. The colour of a cell is the last one drawn in it. */
export class DotCanvas {
  readonly dotsAcross: number;
  readonly dotsDown: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #ascii: boolean;
  readonly #bits: Uint8Array;
  readonly #marks: (string | undefined)[];
  readonly #colours: Colour[];

  constructor(columns: number, rows: number, characters: 'unicode' | 'ascii') {
    this.#columns = columns;
    this.#rows = rows;
    this.#ascii = characters === 'ascii';
    this.dotsAcross = this.#ascii ? columns : 2 * columns;
    this.dotsDown = this.#ascii ? rows : 4 * rows;
    this.#bits = new Uint8Array(columns * rows);
    this.#marks = new Array(columns * rows);
    this.#colours = new Array(columns * rows).fill('ink');
  }

  /** A dot at a place that is rounded; outside the canvas nothing happens. */
  dot(x: number, y: number, colour: Colour): void {
    const [column, row] = [Math.round(x), Math.round(y)];
    if (column < 0 || row < 0 || column >= this.dotsAcross || row >= this.dotsDown) return;
    const [wide, high] = this.#ascii ? [1, 1] : [2, 4];
    const cell = Math.floor(row / high) * this.#columns + Math.floor(column / wide);
    this.#bits[cell]! |= BRAILLE[row % high]![(column % wide) as 0 | 1];
    this.#colours[cell] = colour;
  }

  /** A straight line; `every` > 1 leaves gaps. */
  line(x0: number, y0: number, x1: number, y1: number, colour: Colour, every = 1): void {
    const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)));
    for (let step = 0; step <= steps; step += every) {
      const share = steps === 0 ? 0 : step / steps;
      this.dot(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, colour);
    }
  }

  /** A whole cell, for a point that must be seen. */
  mark(x: number, y: number, colour: Colour): void {
    const [wide, high] = this.#ascii ? [1, 1] : [2, 4];
    const [column, row] = [Math.floor(Math.round(x) / wide), Math.floor(Math.round(y) / high)];
    if (column < 0 || row < 0 || column >= this.#columns || row >= this.#rows) return;
    this.#marks[row * this.#columns + column] = this.#ascii ? 'o' : '●';
    this.#colours[row * this.#columns + column] = colour;
  }

  lines(paint: (text: string, colour: Colour) => string): string[] {
    return Array.from({ length: this.#rows }, (_, row) => {
      let line = '';
      for (let column = 0; column < this.#columns; column++) {
        const cell = row * this.#columns + column;
        const bits = this.#bits[cell]!;
        const glyph =
          this.#marks[cell] ?? (bits === 0 ? ' ' : this.#ascii ? '*' : String.fromCodePoint(0x2800 + bits));
        line += paint(glyph, this.#colours[cell]!);
      }
      return line.trimEnd();
    });
  }
}
