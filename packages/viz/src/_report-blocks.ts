import { drawCommittee } from './_report-committee.js';
import { NARROW_FIGURE, WIDE_FIGURE } from './_report-css.js';
import { drawTable } from './_report-table.js';
import { escapeXml } from './_text.js';
import type { Figure } from './figure.js';
import type { KeyFigure, ReportBlock } from './report-block.js';
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
    case 'committee':
      return drawCommittee(block, where);
    default:
      throw new VizError(
        'INVALID_DATA',
        `${where} has the kind ${JSON.stringify((block as { kind?: unknown } | undefined)?.kind)}; expected 'text', 'keyFigures', 'figure', 'table', 'committee' or 'code'.`,
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
