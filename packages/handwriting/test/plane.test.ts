import fc from 'fast-check';
import { expect, it } from 'vitest';
import { distanceTo, largestNearby, type Plane, resizeByArea, smallestNearby } from '../src/_plane.js';

const planes = fc
  .record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }) })
  .chain(({ width, height }) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: width * height, maxLength: width * height })
      .map((values): Plane => ({ width, height, data: Float32Array.from(values) })),
  );

function direct(
  { width, height, data }: Plane,
  radius: number,
  pick: (...values: number[]) => number,
): Float32Array {
  return data.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let found = data[i]!;
    for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++)
      for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++)
        found = pick(found, data[v * width + u]!);
    return found;
  });
}

it('finds the extremes of every window, the borders included', () => {
  fc.assert(
    fc.property(planes, fc.integer({ min: 1, max: 20 }), (source, radius) => {
      expect(largestNearby(source, radius).data).toEqual(direct(source, radius, Math.max));
      expect(smallestNearby(source, radius).data).toEqual(direct(source, radius, Math.min));
    }),
  );
});

it('measures the distance to the nearest marked pixel', () => {
  fc.assert(
    fc.property(planes, ({ width, height, data }) => {
      const mask = { width, height, data: Uint8Array.from(data, (value) => (value > 7 ? 1 : 0)) };
      mask.data[0] = 1;
      const found = distanceTo(mask, 1);
      for (let i = 0; i < data.length; i++) {
        let nearest = Number.POSITIVE_INFINITY;
        for (let j = 0; j < data.length; j++)
          if (mask.data[j])
            nearest = Math.min(
              nearest,
              Math.hypot((i % width) - (j % width), Math.floor(i / width) - Math.floor(j / width)),
            );
        expect(found.data[i]).toBeCloseTo(nearest, 4);
      }
    }),
    { numRuns: 30 },
  );
});

it('keeps the mean when it shrinks', () => {
  fc.assert(
    fc.property(planes, fc.integer({ min: 1, max: 24 }), (source, side) => {
      const small = resizeByArea(source, Math.min(side, source.width), Math.min(side, source.height));
      const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
      expect(mean(small.data)).toBeCloseTo(mean(source.data), 4);
    }),
  );
});
