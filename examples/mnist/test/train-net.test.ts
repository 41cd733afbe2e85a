import { paperSchedule } from '@mnist/train';
import { describe, expect, it } from 'vitest';
import { presets } from '../src/experiment/presets.js';
import { learningRateOf } from '../src/experiment/train-net.js';

describe('learningRateOf', () => {
  it("gives the paper preset the paper's schedule", () => {
    const schedule = learningRateOf(presets.paper.member, 600);
    for (const step of [0, 1, 2999, 5999, 6000, 6300, 6599]) {
      expect(schedule(step) / paperSchedule(step)).toBeCloseTo(1, 12);
    }
  });

  it('starts the quick preset at a twentieth of its peak and ends at a thousandth', () => {
    const schedule = learningRateOf(presets.quick.member, 600);
    expect(schedule(0)).toBeCloseTo(2e-4, 12);
    // A fifth of 1,800 steps, counted from 0: PyTorch's OneCycleLR peaks at the same step.
    expect(schedule(359)).toBeCloseTo(4e-3, 12);
    expect(schedule(1799)).toBeLessThan(5e-6);
  });
});
