import { describe, expect, it } from 'vitest';
import type { AxisModel } from '../src/_chart-model.js';
import { nameLines } from '../src/_end-labels.js';
import { swarmOffsets } from '../src/_swarm.js';
import { formatDecimal, formatPercent, formatQuantity, linearTicks, logTicks } from '../src/_ticks.js';
import { fc, test } from './_fast-check.js';

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });

describe('linearTicks', () => {
  it('takes whole steps', () => {
    expect(linearTicks(99.71, 99.83).ticks.map(({ label }) => label)).toEqual([
      '99.70',
      '99.75',
      '99.80',
      '99.85',
    ]);
    expect(linearTicks(0, 10.99, { count: 8, extend: false }).ticks.map(({ label }) => label)).toEqual([
      '0',
      '2',
      '4',
      '6',
      '8',
      '10',
    ]);
    expect(linearTicks(0, 3, { count: 8, minimumStep: 1 }).ticks.map(({ value }) => value)).toEqual([
      0, 1, 2, 3,
    ]);
  });

  test.prop([finite, finite])('covers the data with few ticks, all inside', (a, b) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const { domain, ticks } = linearTicks(low, high);
    const slack = 1e-9 * (domain[1] - domain[0]) + 1e-11 * Math.abs(high);
    expect(domain[0]).toBeLessThanOrEqual(low + slack);
    expect(domain[1]).toBeGreaterThanOrEqual(high - slack);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(9);
    for (const { value } of ticks) expect(value >= domain[0] && value <= domain[1]).toBe(true);
  });
});

describe('logTicks', () => {
  it('labels decades over many of them, and 2 and 5 over few', () => {
    const labels = (low: number, high: number) =>
      logTicks(low, high).ticks.flatMap(({ label }) => (label === '' ? [] : [label]));
    expect(labels(1e-6, 0.2)).toEqual(['10⁻⁶', '10⁻⁵', '10⁻⁴', '10⁻³', '10⁻²', '10⁻¹']);
    expect(labels(0.2, 17)).toEqual(['0.2', '0.5', '1', '2', '5', '10']);
    expect(labels(1e-5, 3e-5)).toEqual(['10⁻⁵', '2×10⁻⁵', '3×10⁻⁵']);
  });

  test.prop([fc.double({ min: -200, max: 200, noNaN: true }), fc.double({ min: 0, max: 60, noNaN: true })])(
    'has ticks with different labels inside the domain',
    (exponent, decades) => {
      const { domain, ticks } = logTicks(10 ** exponent, 10 ** (exponent + decades));
      const labels = ticks.flatMap(({ label }) => (label === '' ? [] : [label]));
      expect(labels.length).toBeLessThanOrEqual(12);
      expect(new Set(labels).size).toBe(labels.length);
      for (const { value } of ticks) {
        expect(value / domain[0]).toBeGreaterThan(0.99999);
        expect(value / domain[1]).toBeLessThan(1.00001);
      }
    },
  );
});

describe('numbers as words', () => {
  it.each([
    [formatDecimal(-1234567.891, 2), '−1,234,567.89'],
    [formatDecimal(-0.001, 2), '0.00'],
    [formatPercent(0.9982), '99.82 %'],
    [formatQuantity(0.00755123), '0.00755'],
    [formatQuantity(4.03e-8), '4.03×10⁻⁸'],
    [formatQuantity(1e-5), '10⁻⁵'],
    [formatQuantity(12345), '12,300'],
    [formatQuantity(0), '0'],
  ])('%s', (found, expected) => {
    expect(found).toBe(expected);
  });
});

describe('swarmOffsets', () => {
  test.prop([fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 })])(
    'lets no dot hide another',
    (places) => {
      const offsets = swarmOffsets(places, 7);
      places.forEach((a, i) => {
        places.slice(i + 1).forEach((b, j) => {
          expect(Math.hypot(a - b, offsets[i]! - offsets[i + 1 + j]!)).toBeGreaterThan(7 - 1e-3);
        });
      });
    },
  );
});

describe('nameLines', () => {
  const axis: AxisModel = { title: '', scale: 'linear', domain: [0, 1], ticks: [], grid: false };
  test.prop([fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 })])(
    'keeps labels apart and inside the plot',
    (values) => {
      const labels = values.map((y) => ({ x: 1, y, text: 'loss', colour: 'blue' as const }));
      const { layers } = nameLines(labels, axis, 700, 200);
      const places = layers.map(({ y, dy }) => (1 - y) * 200 + dy!).sort((a, b) => a - b);
      for (let index = 1; index < places.length; index++) {
        expect(places[index]! - places[index - 1]!).toBeGreaterThan(15.9);
      }
      expect(places.at(-1)!).toBeLessThanOrEqual(200.01);
      expect(places[0]!).toBeGreaterThanOrEqual(-0.01);
    },
  );

  it('turns into a key on a narrow chart', () => {
    const names = nameLines([{ x: 1, y: 1, text: 'a rather long name', colour: 'blue' }], axis, 300, 200);
    expect(names.layers).toEqual([]);
    expect(names.key).toEqual([{ text: 'a rather long name', colour: 'blue', rule: false }]);
  });
});
