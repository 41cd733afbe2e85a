import { type AxisModel, axisPosition, LABEL_SIZE, type TextLayer } from './_chart-model.js';
import { measureText } from './_text.js';
import type { Colour } from './_theme.js';

export interface EndLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: Colour;
}

const LINE = LABEL_SIZE + 4;

/** Labels to the right of where lines end, pushed apart until none overlaps another, inside the plot's height. */
export function endLabels(labels: readonly EndLabel[], axis: AxisModel, height: number): TextLayer[] {
  const placed = labels
    .map((label) => ({ label, at: (1 - axisPosition(axis, label.y)) * height }))
    .sort((a, b) => a.at - b.at);
  const wanted = placed.map(({ at }) => at);
  for (let index = 1; index < placed.length; index++) {
    placed[index]!.at = Math.max(placed[index]!.at, placed[index - 1]!.at + LINE);
  }
  for (let index = placed.length - 1, limit = height; index >= 0; index--, limit -= LINE) {
    placed[index]!.at = Math.min(placed[index]!.at, limit);
    limit = Math.min(limit, placed[index]!.at);
  }
  return placed.map(({ label, at }) => {
    const home = wanted[placed.findIndex((other) => other.label === label)]!;
    return { kind: 'text', ...label, dx: 8, dy: Math.round((at - home) * 100) / 100, bold: true };
  });
}

/** The margin that those labels need. */
export function endLabelMargin(texts: readonly string[]): number {
  return Math.ceil(Math.max(16, ...texts.map((text) => measureText(text, LABEL_SIZE, 600) + 12)));
}
