import { shareOnDiagonal } from './_draw-matrix.js';
import { displayWidth, padColumns, paint, printable, toAscii } from './_terminal-text.js';
import { formatPercent } from './_ticks.js';
import type { TerminalOptions } from './figure.js';

const LISTED = 20;

/** A table of counts; zeros are dots. Where it is too wide, the mistakes as a list instead. */
export function drawMatrixInTerminal(
  matrix: readonly (readonly number[])[],
  names: readonly string[],
  { columns, colour, characters }: Required<TerminalOptions>,
): string[] {
  const plain = names.map((name) => printable(characters === 'ascii' ? toAscii(name) : name));
  const arrow = characters === 'ascii' ? '->' : '→';
  const digits = Math.max(...matrix.flat().map((count) => String(count).length));
  const recall = 10;
  const left = Math.min(16, Math.max(...plain.map(displayWidth)));
  const cell = Math.max(digits, Math.min(6, Math.max(...plain.map(displayWidth)))) + 1;
  if (left + matrix.length * cell + recall > columns) return listMistakes(matrix, plain, arrow, columns);
  const head = plain.map((name) => padColumns(name, cell, 'right')).join('');
  return [
    `${' '.repeat(left)}${head}${padColumns('recall', recall, 'right')}`,
    ...matrix.map((row, truth) => {
      const counts = row.map((count, predicted) => {
        const text = padColumns(count === 0 ? '·' : String(count), cell, 'right');
        return paint(text, truth === predicted ? 'ink' : count === 0 ? 'grid' : 'vermilion', colour);
      });
      const share = shareOnDiagonal(matrix, truth, 'row');
      const summary = padColumns(Number.isFinite(share) ? formatPercent(share) : '–', recall, 'right');
      return `${padColumns(plain[truth]!, left)}${counts.join('')}${summary}`;
    }),
  ];
}

function listMistakes(
  matrix: readonly (readonly number[])[],
  names: readonly string[],
  arrow: string,
  columns: number,
): string[] {
  const pairs = matrix
    .flatMap((row, truth) => row.map((count, predicted) => ({ truth, predicted, count })))
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || a.truth - b.truth || a.predicted - b.predicted);
  const lines = pairs.slice(0, LISTED).map(({ truth, predicted, count }) => {
    const text = `${String(count).padStart(6)}  ${names[truth]} ${arrow} ${names[predicted]}`;
    return padColumns(text, columns).trimEnd();
  });
  const rest = pairs.length - lines.length;
  return rest > 0 ? [...lines, `        and ${rest} other pairs`] : lines;
}
