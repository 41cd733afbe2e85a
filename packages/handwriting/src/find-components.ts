import type { Box, Mask, Plane } from './_plane.js';

/** Ink that hangs together, 8-connected. */
export interface Component {
  readonly label: number;
  readonly box: Box;
  readonly area: number;
  /** Mean contrast of its pixels. */
  readonly contrast: number;
  /** Pixels on the picture's border. */
  readonly onBorder: number;
}

export const sizeOf = ({ left, top, right, bottom }: Box) => Math.max(right - left, bottom - top);

export const unite = (a: Box, b: Box): Box => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
});

/** Labels start at 1; label 0 is paper. */
export function findComponents(
  { width, height, data }: Mask,
  contrast: Plane,
): { labels: Int32Array; components: Component[] } {
  const labels = new Int32Array(data.length);
  const components: Component[] = [];
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || labels[start]) continue;
    const label = components.length + 1;
    const box = { left: width, top: height, right: 0, bottom: 0 };
    let area = 0;
    let sum = 0;
    let onBorder = 0;
    labels[start] = label;
    stack.push(start);
    while (stack.length > 0) {
      const i = stack.pop()!;
      const x = i % width;
      const y = (i - x) / width;
      area++;
      sum += contrast.data[i]!;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) onBorder++;
      if (x < box.left) box.left = x;
      if (x >= box.right) box.right = x + 1;
      if (y < box.top) box.top = y;
      if (y >= box.bottom) box.bottom = y + 1;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const j = v * width + u;
          if (!data[j] || labels[j]) continue;
          labels[j] = label;
          stack.push(j);
        }
      }
    }
    components.push({ label, box, area, contrast: sum / area, onBorder });
  }
  return { labels, components };
}
