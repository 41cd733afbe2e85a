import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';
import { TrainError } from '../train-error.js';
import type { Schedule } from './schedule.js';

export interface StepDecayOptions {
  /** Value before the first milestone. */
  readonly from: number;
  /** Factor at each milestone. Default 0.1. */
  readonly factor?: number;
  /** Steps at which the value is multiplied, in rising order; or `every`, not both. */
  readonly milestones?: readonly number[];
  /** A milestone every so many steps. */
  readonly every?: number;
}

/** A staircase: `from * factor ** (milestones passed)`; a milestone counts from its own step on. */
export function stepDecay(options: StepDecayOptions): Schedule {
  check.refuseUnknown('stepDecay', options, ['from', 'factor', 'milestones', 'every']);
  const { from, factor = 0.1, milestones, every } = options;
  check.require('stepDecay', 'from', from, number());
  check.require('stepDecay', 'factor', factor, number());
  if ((milestones === undefined) === (every === undefined)) {
    throw new TrainError('INVALID_OPTION', "stepDecay takes 'milestones' or 'every', exactly one of them.");
  }
  if (every !== undefined) {
    check.require('stepDecay', 'every', every, integer({ min: 1 }));
    return (step) => from * factor ** Math.max(Math.floor(step / every), 0);
  }
  for (const [i, milestone] of milestones!.entries()) {
    check.require(
      'stepDecay',
      `milestones[${i}]`,
      milestone,
      number({ min: i === 0 ? 0 : milestones![i - 1]! }),
    );
  }
  return (step) => from * factor ** milestones!.filter((milestone) => step >= milestone).length;
}
