import type { Hand } from './_hand.js';

/**
 * A point that the pen passes, x to the right and y down; a digit is about 0.6 wide and 1 high. At a corner the pen
 * turns sharply, everywhere else it goes through smoothly.
 */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
  readonly corner?: boolean;
}

/** The points between pen down and pen up. */
export type Stroke = readonly PenPoint[];

type Glyph = (hand: Hand) => Stroke[];

const at = (x: number, y: number): PenPoint => ({ x, y });
const corner = (x: number, y: number): PenPoint => ({ x, y, corner: true });

/** An oval, drawn anticlockwise from the top; the end overshoots the start, or stays short of it. */
function oval(cx: number, cy: number, rx: number, ry: number, hand: Hand): Stroke {
  const d = Math.SQRT1_2;
  const miss = hand.between(-0.1, 0.3);
  return [
    at(cx + rx * hand.between(0, 0.35), cy - ry * hand.between(0.88, 1.02)),
    at(cx - rx * d, cy - ry * d),
    at(cx - rx, cy),
    at(cx - rx * d, cy + ry * d),
    at(cx, cy + ry),
    at(cx + rx * d, cy + ry * d),
    at(cx + rx, cy),
    at(cx + rx * d, cy - ry * d),
    at(cx - rx * miss, cy - ry * (1 - 0.1 * Math.abs(miss))),
  ];
}

const zero: Glyph = (hand) => [oval(0.3, 0.5, hand.between(0.2, 0.42), 0.5, hand)];

const one: Glyph = (hand) => {
  const bend = 0.03 * hand.bell();
  const stem = [at(0.3 + bend, 0.5), at(0.3, 1)];
  if (hand.chance(0.62)) return [[at(0.3, 0), ...stem]];
  const flag = at(0.3 - hand.between(0.1, 0.26), hand.between(0.14, 0.3));
  const strokes: Stroke[] = [[flag, corner(0.3, 0), ...stem]];
  if (hand.chance(0.45)) {
    const left = hand.between(0.14, 0.28);
    strokes.push([at(0.3 - left, 0.99), at(0.3 + left * hand.between(0.7, 1.2), 0.98)]);
  }
  return strokes;
};

const two: Glyph = (hand) => {
  const top = [
    at(0.04, hand.between(0.14, 0.3)),
    at(0.2, 0.03),
    at(0.44, 0.02),
    at(0.57, hand.between(0.18, 0.28)),
    at(0.46, 0.5),
  ];
  const end = hand.between(0.62, 0.82);
  if (hand.chance(0.4)) {
    const loop = hand.between(0.6, 1.3);
    return [
      [
        ...top,
        at(0.22, 0.83),
        at(0.1, 0.98),
        at(0.02 - 0.04 * loop, 0.94 - 0.05 * loop),
        at(0.1, 0.88 - 0.1 * loop),
        at(0.3, 0.9),
        at(end, hand.between(0.9, 1.02)),
      ],
    ];
  }
  if (hand.chance(0.3)) return [[...top, corner(0.03, 0.92), at(0.2, 0.87), at(0.42, 0.98), at(end, 0.93)]];
  return [[...top, at(0.25, 0.75), corner(0.03, 0.95), at(end, hand.between(0.88, 1))]];
};

const three: Glyph = (hand) => {
  const waist = hand.between(0.42, 0.52);
  const middle = hand.between(0.18, 0.34);
  const belly = hand.between(0.54, 0.68);
  const bottom = [at(0.5, waist + 0.07), at(belly, 0.74), at(0.46, 0.96), at(0.22, 1)];
  const end = at(0.02, hand.between(0.82, 0.95));
  if (hand.chance(0.18)) {
    return [
      [at(0.05, 0.04), corner(0.55, hand.between(0, 0.06)), corner(middle, waist - 0.03), ...bottom, end],
    ];
  }
  const top = [at(0.06, hand.between(0.08, 0.2)), at(0.26, 0), at(0.5, 0.08), at(0.51, 0.28)];
  if (hand.chance(0.25)) {
    return [
      [
        ...top,
        at(middle + 0.04, waist),
        at(middle - 0.06, waist - 0.01),
        at(middle + 0.04, waist - 0.05),
        ...bottom,
        end,
      ],
    ];
  }
  return [[...top, corner(middle, waist), ...bottom, end]];
};

const four: Glyph = (hand) => {
  const bar = hand.between(0.48, 0.66);
  const stem = hand.between(0.44, 0.56);
  const foot = stem + hand.between(-0.06, 0.06);
  if (hand.chance(0.25)) {
    // Closed: the slanting stroke starts where the stem does.
    const top = at(stem - hand.between(0, 0.08), 0.01);
    return [
      [top, corner(0.02, bar + 0.04), at(stem + hand.between(0.1, 0.28), bar + 0.03 * hand.bell())],
      [at(stem, hand.between(0, 0.1)), at(foot, 1)],
    ];
  }
  const left = hand.between(0.02, 0.16);
  const height = hand.between(0, 0.14);
  const stemTop = at(stem + hand.between(0, 0.08), hand.between(0, 0.22));
  if (hand.chance(0.5)) {
    // Open with a rounded left side, as in 'y'.
    const strokes: Stroke[] = [
      [at(left, height), at(0.03, bar - 0.14), at(0.14, bar), at(0.34, bar - 0.01), at(stem, bar - 0.1)],
    ];
    return [...strokes, [stemTop, at(stem, 0.55), at(foot, 1)]];
  }
  return [
    [
      at(left, height),
      corner(0.02, bar),
      at(stem + hand.between(0.05, 0.26), bar - hand.between(-0.02, 0.07)),
    ],
    [stemTop, at(foot, 1)],
  ];
};

const five: Glyph = (hand) => {
  const belly = hand.between(0.52, 0.68);
  const neck = hand.between(0.36, 0.48);
  const bowl = [
    at(0.34, neck - 0.05),
    at(belly, 0.65),
    at(0.42, 0.95),
    at(0.18, 1),
    at(0, hand.between(0.85, 0.97)),
  ];
  const tip = at(hand.between(0.5, 0.75), hand.between(-0.05, 0.06));
  if (hand.chance(0.2)) {
    // One smooth stroke, near to an 'S'.
    return [
      [
        tip,
        at(0.3, 0.03),
        at(0.12, 0.17),
        at(0.16, 0.36),
        at(0.4, 0.46),
        at(belly, 0.68),
        at(0.4, 0.94),
        at(0.02, 0.95),
      ],
    ];
  }
  const lean = hand.between(0.06, 0.18);
  if (hand.chance(0.5)) return [[tip, corner(0.08 + lean, 0.02), corner(0.08, neck), ...bowl]];
  const gap = hand.chance(0.3) ? hand.between(0.04, 0.1) : 0;
  return [
    [at(0.08 + lean, 0.02), corner(0.08, neck), ...bowl],
    [at(0.08 + lean + gap, 0.02 - gap / 2), tip],
  ];
};

const six: Glyph = (hand) => {
  const loop = hand.between(0.48, 0.68);
  const top = at(hand.between(0.24, 0.56), 0);
  const right = hand.between(0.48, 0.62);
  const strokes = [
    top,
    at(0.16, hand.between(0.24, 0.36)),
    at(0.03, 0.64),
    at(0.12, 0.92),
    at(0.32, 1),
    at(right, 0.84),
    at(right - 0.06, loop + 0.05),
    at(0.3, loop),
  ];
  const close = hand.between(0, 1);
  return [[...strokes, at(0.3 - 0.22 * close, loop + 0.2 * close)]];
};

const seven: Glyph = (hand) => {
  const top = hand.between(0, 0.06);
  const right = hand.between(0.5, 0.66);
  const foot = hand.between(0.1, 0.36);
  const start: PenPoint[] = hand.chance(0.25)
    ? [at(0.01, hand.between(0.12, 0.2)), corner(0.04, 0.05)]
    : [at(0, hand.between(0.02, 0.12))];
  const turn = hand.chance(0.65) ? [corner(right, top)] : [at(right - 0.06, top), at(right, top + 0.1)];
  const curve = hand.between(-0.02, 0.12);
  const strokes: Stroke[] = [
    [
      ...start,
      at(0.3, top + 0.03 * hand.bell() + 0.02),
      ...turn,
      at((right + foot) / 2 - curve / 2, 0.5),
      at(foot, 1),
    ],
  ];
  if (hand.chance(0.25)) {
    const middle = (right + foot) / 2 - curve / 2;
    const half = hand.between(0.14, 0.24);
    const height = hand.between(0.46, 0.58);
    strokes.push([at(middle - half, height + 0.02), at(middle + half, height - hand.between(0, 0.05))]);
  }
  return strokes;
};

const eight: Glyph = (hand) => {
  const waist = hand.between(0.4, 0.52);
  const upper = hand.between(0.16, 0.26);
  const lower = hand.between(0.2, 0.32);
  if (hand.chance(0.2)) {
    return [
      oval(0.3, waist / 2, upper, waist / 2, hand),
      oval(0.3, (1 + waist) / 2, lower, (1 - waist) / 2, hand),
    ];
  }
  const gap = hand.between(-0.06, 0.1);
  return [
    [
      at(0.3 + upper * hand.between(0.5, 1), hand.between(0.04, 0.14)),
      at(0.3, 0),
      at(0.3 - upper, waist * 0.45),
      at(0.3, waist),
      at(0.3 + lower, (1 + waist) / 2 + 0.02),
      at(0.28, 1),
      at(0.3 - lower, (1 + waist) / 2 + 0.02),
      at(0.29, waist + 0.02),
      at(0.3 + upper * 0.9, waist * 0.5),
      at(0.3 + upper * 0.7 - gap * 0.3, 0.08 + gap),
    ],
  ];
};

const nine: Glyph = (hand) => {
  const bottom = hand.between(0.38, 0.52);
  const left = hand.between(0, 0.12);
  const stem = hand.between(0.48, 0.58);
  const loop = [
    at(stem - hand.between(0, 0.06), hand.between(0.04, 0.12)),
    at(0.32, 0),
    at(left + 0.03, bottom * 0.45),
    at(left + 0.1, bottom - 0.05),
    at(0.3, bottom),
    at(stem - 0.05, bottom * 0.62),
  ];
  const tail: PenPoint[] = hand.chance(0.4)
    ? [at(stem, 0.6), at(stem - 0.12, 0.92), at(0.26, 1), at(0.06, hand.between(0.85, 0.97))]
    : [at(stem - hand.between(0, 0.05), 0.55), at(stem - hand.between(-0.06, 0.25), 1)];
  const turn = hand.between(0, 0.08);
  return [[...loop, hand.chance(0.6) ? corner(stem, turn) : at(stem, 0.14 + turn), ...tail]];
};

/** Draws the bare shape of a digit, one of several forms that people write. */
export const glyphs: readonly Glyph[] = [zero, one, two, three, four, five, six, seven, eight, nine];
