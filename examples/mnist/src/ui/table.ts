/** Columns of text, left-aligned; those from `numbersFrom` on are right-aligned. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom = 1,
): string {
  const widths = header.map((cell, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), cell.length),
  );
  const format = (row: readonly string[]) => {
    const cells = row.map((cell, column) =>
      column < numbersFrom ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  };
  return [
    format(header),
    `  ${widths.map((width) => '-'.repeat(width)).join('  ')}`,
    ...rows.map(format),
  ].join('\n');
}

/** '99.64 %' */
export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
