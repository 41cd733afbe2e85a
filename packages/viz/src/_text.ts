import { advanceWidth, type FontWeight } from './_font.js';

/** Width in CSS pixels, without kerning (which in this font nearly always tightens). */
export function measureText(text: string, size: number, weight: FontWeight = 400): number {
  let width = 0;
  for (const character of text) width += advanceWidth(character, weight);
  return width * size;
}

/** Breaks at spaces, and inside a word only where the word alone is wider than the line. */
export function wrapText(text: string, width: number, size: number, weight: FontWeight = 400): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/ +/)) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (measureText(longer, size, weight) <= width) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      line = word;
      while (measureText(line, size, weight) > width && [...line].length > 1) {
        const head = fitText(line, width, size, weight, '');
        lines.push(head);
        line = line.slice(head.length);
      }
    }
    lines.push(line);
  }
  return lines;
}

/** The text, or as much of it as fits with an ellipsis; at least one character. */
export function fitText(
  text: string,
  width: number,
  size: number,
  weight: FontWeight = 400,
  ellipsis = '…',
): string {
  if (measureText(text, size, weight) <= width) return text;
  const characters = [...text];
  let count = characters.length - 1;
  while (
    count > 1 &&
    measureText(`${characters.slice(0, count).join('')}${ellipsis}`, size, weight) > width
  ) {
    count--;
  }
  return `${characters.slice(0, count).join('').trimEnd()}${ellipsis}`;
}

/** Text or attribute value for XML and HTML. Control characters, most of which XML 1.0 forbids, and halves of pairs become `□`. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\p{Surrogate}\ufffe\uffff]|(?![\t\n\r])\p{Control}/gu, '□')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
