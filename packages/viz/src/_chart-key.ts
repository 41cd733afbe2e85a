import { type KeyEntry, LABEL_SIZE } from './_chart-model.js';
import { type FrameBody, svgText } from './_frame.js';
import { fitText, measureText } from './_text.js';
import type { Theme } from './_theme.js';

const SAMPLE = 20;
const LINE = 18;

/** A dash of each line and its name, in as many rows as they need. */
export function drawKey(entries: readonly KeyEntry[], width: number, theme: Theme): FrameBody {
  const parts: string[] = [];
  let [x, y] = [0, 12];
  for (const { text, colour, rule } of entries) {
    const words = fitText(text, width - SAMPLE, LABEL_SIZE, 600);
    const length = SAMPLE + measureText(words, LABEL_SIZE, 600);
    if (x > 0 && x + length > width) {
      x = 0;
      y += LINE;
    }
    const dash = rule ? ' stroke-dasharray="4 3"' : '';
    const stroke = `stroke="${theme[rule ? 'rule' : colour]}" stroke-width="${rule ? 1 : 2}"${dash}`;
    parts.push(
      `<path d="M${Math.round(x)},${y - 4}h14" ${stroke}/>`,
      svgText(words, { x: x + SAMPLE, y, size: LABEL_SIZE, weight: 600, colour }, theme),
    );
    x += length + 22;
  }
  return { content: parts.join('\n'), height: y + 8 };
}
