import { type FrameBody, round, svgText } from './_frame.js';
import { fitText, measureText } from './_text.js';
import type { Colour, Theme } from './_theme.js';
import { formatPercent } from './_ticks.js';

const HEAD = 12;
const SUMMARY = 66;
const PRECISION = 'Precision, %';
const TRUTH = 'True class';

/** Recall of row `k`, or precision of column `k` of the transposed matrix; NaN without images. */
export function shareOnDiagonal(
  matrix: readonly (readonly number[])[],
  k: number,
  by: 'row' | 'column',
): number {
  const counts = by === 'row' ? matrix[k]! : matrix.map((row) => row[k]!);
  return matrix[k]![k]! / counts.reduce((sum, count) => sum + count, 0);
}

/** Recall and precision are left out where they would make the cells too small to read. */
export function drawMatrix(
  matrix: readonly (readonly number[])[],
  names: readonly string[],
  width: number,
  theme: Theme,
): FrameBody {
  const classes = matrix.length;
  const widest = (words: readonly string[]) => Math.max(...words.map((word) => measureText(word, HEAD)));
  const roomy = (width - widest([...names, PRECISION]) - 10 - SUMMARY) / classes >= 26;
  const left = 10 + Math.min(width * 0.28, widest(roomy ? [...names, PRECISION, TRUTH] : names));
  // A slanted name reaches beyond its column.
  const reach = Math.min(140, measureText(names.at(-1)!, HEAD)) * 0.72 - 10;
  const right = roomy ? SUMMARY : Math.max(0, reach);
  const cell = Math.floor(Math.min(52, (width - left - right) / classes));
  const cellHeight = Math.min(cell, 34);
  const size = Math.max(6, Math.min(13, cell * 0.34));
  // Letters and digits stay upright above narrow columns, a little smaller.
  const nameSize = Math.max(8, Math.min(HEAD, cell * 0.72));
  const slanted = names.some((name) => measureText(name, nameSize) > cell - 2);
  const top = slanted
    ? 18 + Math.min(110, Math.max(...names.map((name) => measureText(name, HEAD))) * 0.71 + 10)
    : 40;
  const parts: string[] = [];
  const write = (
    text: string,
    x: number,
    y: number,
    colour: Colour,
    anchor: 'start' | 'middle' | 'end' = 'middle',
    points = HEAD,
    weight: 400 | 600 = 400,
  ) => parts.push(svgText(text, { x, y, size: round(points), colour, anchor, weight }, theme));

  write('Predicted class', left, 12, 'muted', 'start');
  if (roomy) write('Recall', left + classes * cell + SUMMARY - 6, top - 8, 'muted', 'end');
  if (roomy) write(TRUTH, left - 8, top - 8, 'muted', 'end');
  names.forEach((name, column) => {
    const x = left + (column + 0.5) * cell;
    if (slanted) {
      const label = svgText(fitText(name, 140, HEAD), { x: 0, y: 0, size: HEAD, colour: 'ink' }, theme);
      parts.push(`<g transform="translate(${round(x + 4)},${round(top - 6)}) rotate(-45)">${label}</g>`);
    } else {
      write(name, x, top - 8, 'ink', 'middle', nameSize);
    }
  });
  const worst = Math.max(
    1,
    ...matrix.flatMap((row, truth) => row.filter((_, predicted) => predicted !== truth)),
  );
  matrix.forEach((row, truth) => {
    const y = top + truth * cellHeight;
    const baseline = y + cellHeight / 2 + HEAD * 0.36;
    write(fitText(names[truth]!, left - 10, HEAD), left - 8, baseline, 'ink', 'end');
    row.forEach((count, predicted) => {
      const x = left + predicted * cell;
      const right = truth === predicted;
      const strength = right || count === 0 ? 0 : 0.18 + 0.82 * Math.sqrt(count / worst);
      const fill = right ? theme.grid : theme.vermilion;
      parts.push(
        `<rect x="${round(x) + 0.5}" y="${round(y) + 0.5}" width="${cell - 1}" height="${cellHeight - 1}" fill="${strength > 0 || right ? fill : theme.grid}" fill-opacity="${right ? 1 : round(strength > 0 ? strength : 0.3)}"/>`,
      );
      if (count === 0) return;
      const text = count.toLocaleString('en-US');
      const fitting = Math.min(size, (size * (cell - 4)) / measureText(text, size));
      const colour = strength > 0.65 ? 'onAccent' : 'ink';
      write(
        text,
        x + cell / 2,
        y + cellHeight / 2 + fitting * 0.36,
        colour,
        'middle',
        fitting,
        right ? 400 : 600,
      );
    });
    if (roomy) {
      const recall = summarise(shareOnDiagonal(matrix, truth, 'row'));
      write(recall, left + classes * cell + SUMMARY - 6, baseline, 'muted', 'end');
    }
  });
  const bottom = top + classes * cellHeight;
  if (!roomy) return { content: parts.join('\n'), height: bottom + 6 };
  const small = Math.max(5, Math.min(11, (11 * (cell - 3)) / measureText('100.00', 11)));
  write(PRECISION, left - 8, bottom + 18, 'muted', 'end');
  names.forEach((_, column) => {
    const share = shareOnDiagonal(matrix, column, 'column');
    const text = Number.isFinite(share) ? formatPercent(share).replace(' %', '') : '–';
    write(text, left + (column + 0.5) * cell, bottom + 18, 'muted', 'middle', small);
  });
  return { content: parts.join('\n'), height: bottom + 24 };
}

function summarise(share: number): string {
  return Number.isFinite(share) ? formatPercent(share) : '–';
}
