import { element } from './element.js';

/** Buttons in the heads of the columns: the first press sorts numbers from the greatest, words from A; the next one turns it round. */
export function sortTable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  if (body === undefined || body.rows.length < 2) return;
  const heads = [...table.querySelectorAll<HTMLTableCellElement>('thead th')];
  for (const head of heads) {
    const button = element('button', { type: 'button', class: 'sort' }, ...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const column = head.cellIndex;
      const rows = [...body.rows].map((row) => ({ row, text: row.cells[column]?.textContent?.trim() ?? '' }));
      const numeric = rows.every(({ text }) => text === '–' || !Number.isNaN(leadingNumber(text)));
      const before = head.getAttribute('aria-sort');
      const descending = before === null ? numeric : before === 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      rows.sort((a, b) => {
        // What has no value stays at the end, whichever way.
        if (a.text === '–' || b.text === '–') return Number(a.text === '–') - Number(b.text === '–');
        const order = numeric
          ? leadingNumber(a.text) - leadingNumber(b.text)
          : a.text.localeCompare(b.text, undefined, { numeric: true });
        return descending ? -order : order;
      });
      body.append(...rows.map(({ row }) => row));
    });
  }
}

/** '−1,234.5 ± 2' -> -1234.5 */
function leadingNumber(text: string): number {
  return Number.parseFloat(text.replaceAll(',', '').replace('−', '-').replace(/^[+±]/, ''));
}
