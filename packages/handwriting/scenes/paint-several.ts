import type { Picture } from '../src/picture.js';
import type { Draw } from './canvas.js';
import type { Digit } from './digits.js';
import { black, sheet } from './painting.js';

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
