import { type AxisModel, axisPosition, type KeyEntry, LABEL_SIZE, type TextLayer } from './_chart-model.js';
import { measureText } from './_text.js';
import type { Colour } from './_theme.js';

export interface EndLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: Colour;
  /** A dash of a line, unless it is a rule. */
  readonly rule?: boolean;
}

/** Names of lines: beside their ends, or on a narrow chart in a key above it. */
export interface LineNames {
  readonly layers: readonly TextLayer[];
  readonly key: readonly KeyEntry[];
  readonly rightMargin: number;
}

const LINE = LABEL_SIZE + 4;
/** Share of the chart's width that labels may take from the lines. */
const MOST = 0.28;

/** @param width of the chart, @param height of the plot, both in CSS pixels */
export function nameLines(
  labels: readonly EndLabel[],
  axis: AxisModel,
  width: number,
  height: number,
): LineNames {
  const rightMargin = Math.ceil(
    Math.max(16, ...labels.map(({ text }) => measureText(text, LABEL_SIZE, 600) + 12)),
  );
  if (rightMargin > MOST * width) {
    return {
      layers: [],
      key: labels.map(({ text, colour, rule = false }) => ({ text, colour, rule })),
      rightMargin: 16,
    };
  }
  return { layers: placeLabels(labels, axis, height), key: [], rightMargin };
}

/** Pushed apart until none overlaps another, inside the plot's height. */
function placeLabels(labels: readonly EndLabel[], axis: AxisModel, height: number): TextLayer[] {
  const placed = labels
    .map((label) => {
      const home = (1 - axisPosition(axis, label.y)) * height;
      return { label, home, at: home };
    })
    .sort((a, b) => a.home - b.home);
  for (let index = 1; index < placed.length; index++) {
    placed[index]!.at = Math.max(placed[index]!.at, placed[index - 1]!.at + LINE);
  }
  let limit = height;
  for (const entry of placed.toReversed()) {
    entry.at = Math.min(entry.at, limit);
    limit = entry.at - LINE;
  }
  return placed.map(({ label: { x, y, text, colour }, at, home }) => {
    const dy = Math.round((at - home) * 100) / 100;
    return { kind: 'text', x, y, text, colour, dx: 8, dy, bold: true };
  });
}
