import { annihilate } from './annihilate.js';
import type { Schedule } from './schedule.js';

/** Steps that `paperSchedule` is made for: 10 + 1 epochs of 600 batches of 100. */
export const paperSteps = 6600;

const tenEpochs: Schedule = (step) => 4e-4 * 0.1 ** (step / 6000);

/**
 * The learning rate of the 99.82 % experiment (Doucet 2019), batch 100: `4e-4 * 0.1 ** (step / 6000)` for ten epochs,
 * then one epoch of annihilation, the cosine from the last learning rate to a thousandth of it.
 */
export const paperSchedule: Schedule = annihilate(tenEpochs, { after: 6000, steps: 600 });
