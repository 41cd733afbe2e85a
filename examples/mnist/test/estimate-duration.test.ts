import type { Engine, StepGroup, TrainingSession } from '@mnist/engine';
import { expect, it, vi } from 'vitest';
import { estimateDuration } from '../src/experiment/estimate-duration.js';
import { presets } from '../src/experiment/presets.js';
import { useModelBackend } from '../src/machine/engines.js';

/** A step takes 40 ms by itself and 10 ms in a group, by a clock that stands still meanwhile. */
function simulatedEngine(grouped: boolean): Engine {
  let time = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  const group = {
    size: 4,
    steps: async (steps: readonly unknown[]) => {
      time += 10 * steps.length;
      return [];
    },
  };
  const session = {
    step: async () => {
      time += 40;
      return { loss: 1 };
    },
    ...(grouped && { group: group as unknown as StepGroup }),
    dispose: async () => {},
  };
  return { name: 'simulated', open: async () => session as unknown as TrainingSession };
}

it.each([
  // Two epochs of six steps; four nets, one at a time.
  ['one by one where the engine has no groups', false, 5, 5 * 40 + 4 * 12 * 40],
  ['one by one in the sweep, in groups in the training', true, 5, 5 * 40 + 4 * 12 * 10],
  ['in groups where there is no sweep', true, 0, 4 * 12 * 10],
])('steps count %s', async (_, grouped, sweepSteps, expected) => {
  await useModelBackend();
  const { quick } = presets;
  const member = { ...quick.member, batchSize: 10, epochs: 2, annihilationEpochs: 0 };
  const preset = { ...quick, nets: 4, member };
  try {
    expect(await estimateDuration(preset, simulatedEngine(grouped), 60, 1, sweepSteps)).toBeCloseTo(expected);
  } finally {
    vi.restoreAllMocks();
  }
});
