/**
 * Limits whole numbers to 0..255: `clipTable[value - lowestOvershoot]`. The bicubic overshoots 0..255 by less than a
 * third in each direction. A table has no branches, which the processor would guess wrong at the edges of strokes.
 */
export const lowestOvershoot = -256;
export const clipTable = Uint8Array.from({ length: 1024 }, (_, i) =>
  Math.min(Math.max(i + lowestOvershoot, 0), 255),
);
