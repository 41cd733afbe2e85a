import { NARROW_FIGURE, WIDE_FIGURE } from './_report-css.js';
import { escapeXml } from './_text.js';
import { formatDecimal } from './_ticks.js';
import type { Figure } from './figure.js';
import type { KeyFigure, ReportBlock, ReportCell, ReportColumn, ReportTable } from './report-block.js';
import { VizError } from './viz-error.js';

export function drawBlock(block: ReportBlock, where: string): string {
  switch (block?.kind) {
    case 'text':
      return block.text
        .split(/\n\s*\n/)
        .map((paragraph) => `<p>${escapeXml(paragraph.trim()).replace(/\n/g, '<br>')}</p>`)
        .join('\n');
    case 'code':
      return `<pre><code>${escapeXml(block.text)}</code></pre>`;
    case 'keyFigures':
      return `<dl>\n${block.items.map(drawKeyFigure).join('\n')}\n</dl>`;
    case 'figure':
      return drawFigure(block.figure, block.caption, where);
    case 'table':
      return drawTable(block, where);
    default:
      throw new VizError(
        'INVALID_DATA',
        `${where} has the kind ${JSON.stringify((block as { kind?: unknown } | undefined)?.kind)}; expected 'text', 'keyFigures', 'figure', 'table' or 'code'.`,
      );
  }
}

function drawFigure(figure: Figure, caption: string | undefined, where: string): string {
  if (typeof figure?.toSvg !== 'function' || typeof figure.resize !== 'function') {
    throw new VizError(
      'INVALID_DATA',
      `${where}.figure is not a figure; expected what imageGrid() and the plots return.`,
    );
  }
  const wide = figure.resize(WIDE_FIGURE).toSvg({ theme: 'auto' });
  const narrow = figure.resize(NARROW_FIGURE).toSvg({ theme: 'auto' });
  const words = caption === undefined ? '' : `\n<figcaption>${escapeXml(caption)}</figcaption>`;
  return `<figure>\n<div class="wide">${wide}</div>\n<div class="narrow">${narrow}</div>${words}\n</figure>`;
}

function drawKeyFigure({ label, value, detail }: KeyFigure): string {
  const small = detail === undefined ? '' : `<small>${escapeXml(detail)}</small>`;
  return `<div><dt>${escapeXml(label)}</dt><dd>${escapeXml(value)}${small}</dd></div>`;
}

function drawTable({ columns, rows, caption }: ReportTable, where: string): string {
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
  return `<div class="scroll" tabindex="0"><table>${words}<thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody></table></div>`;
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
