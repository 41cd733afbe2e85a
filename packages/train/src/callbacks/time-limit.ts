import { number } from '@mnist/kit';
import { check } from '../_options.js';
import type { Callback } from './callback.js';

export interface TimeLimitOptions {
  /** Wall-clock seconds of this run, counted from its first hook. */
  readonly seconds: number;
}

/** Ends the training, with the reason `timeLimit`, after the step in which the time runs out. */
export function timeLimit(options: TimeLimitOptions): Callback {
  check.refuseUnknown('timeLimit', options, ['seconds']);
  const { seconds } = options;
  check.require('timeLimit', 'seconds', seconds, number({ above: 0 }));
  let deadline = Number.POSITIVE_INFINITY;
  return {
    name: 'timeLimit',
    reports: [],
    trainBegin(run) {
      deadline = run.now() + seconds * 1000;
    },
    stepEnd(run) {
      if (run.now() >= deadline) run.stop('timeLimit', `The time limit of ${seconds} s is reached.`);
    },
  };
}
