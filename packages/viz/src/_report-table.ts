import { escapeXml } from './_text.js';
import { formatDecimal } from './_ticks.js';
import type { ReportCell, ReportColumn, ReportTable } from './report-block.js';
import { VizError } from './viz-error.js';

export function drawTable({ columns, rows, caption }: ReportTable, where: string): string {
  const complete = columns.map(
    (column): ReportColumn => (typeof column === 'string' ? { label: column } : column),
  );
  rows.forEach((row, index) => {
    if (row.length !== complete.length) {
      throw new VizError(
        'INVALID_DATA',
        `${where}.rows[${index}] has ${row.length} cells; expected ${complete.length}, one a column.`,
      );
    }
  });
  const classes = complete.map(({ align }, column) => {
    const right =
      align === undefined
        ? rows.every((row) => readsAsNumber(row[column]!)) && rows.length > 0
        : align === 'right';
    return right ? ' class="right"' : '';
  });
  const head = complete.map(
    ({ label }, column) => `<th scope="col"${classes[column]}>${escapeXml(label)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map((cell, column) => {
      const text = escapeXml(formatCell(cell, complete[column]!));
      return `<td${classes[column]}>${text}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const words = caption === undefined ? '' : `<caption>${escapeXml(caption)}</caption>`;
  // Wide tables scroll sideways, also by the keyboard.
  const label = escapeXml(caption ?? complete.map((column) => column.label).join(', '));
  return `<div class="scroll" tabindex="0" role="group" aria-label="${label}"><table>${words}<thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function readsAsNumber(cell: ReportCell): boolean {
  if (typeof cell === 'number' || cell === null) return true;
  return /^[-−+±]?[\d,.]+([ \u00a0]?(%|s|ms|min|h|MB|px))?([ ]?(±|–|to) ?[\d,.]+.*)?$/.test(cell.trim());
}

function formatCell(cell: ReportCell, { decimals }: ReportColumn): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (!Number.isFinite(cell)) return String(cell);
  if (decimals !== undefined) return formatDecimal(cell, decimals);
  const shortest = String(Number(cell.toFixed(6)));
  return formatDecimal(cell, (shortest.split('.')[1] ?? '').length);
}
