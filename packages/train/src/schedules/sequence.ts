import { integer, number } from '@mnist/kit';
import { check } from '../_options.js';
import { TrainError } from '../train-error.js';
import type { Schedule, ScheduledValue } from './schedule.js';

/** A part of a known length. */
export interface SequencePart {
  /** Length, in steps. */
  readonly steps: number;
  /** Asked with the step counted from the start of this part. */
  readonly schedule: ScheduledValue;
}

/** A part that takes a share of the whole and is made once its length is known. */
export interface SequenceFraction {
  /** Share of the whole, above 0; all together 1. */
  readonly fraction: number;
  /** Makes the schedule of a part that is so many steps long. */
  readonly schedule: number | ((steps: number) => Schedule);
}

/**
 * One schedule after another. The first step of a part belongs to that part; the last part is also asked about every
 * later step.
 *
 * @example sequence([{ steps: 100, schedule: linear({ from: 0, to: 1e-3, steps: 100 }) }, { steps: 900, schedule: 1e-3 }])
 * @example sequence([{ fraction: 0.1, schedule: (steps) => linear({ from: 0, to: 1e-3, steps }) },
 *                    { fraction: 0.9, schedule: (steps) => cosine({ from: 1e-3, to: 0, steps }) }], { steps: 1000 })
 */
export function sequence(parts: readonly SequencePart[]): Schedule;
export function sequence(parts: readonly SequenceFraction[], options: { readonly steps: number }): Schedule;
export function sequence(
  parts: readonly (SequencePart | SequenceFraction)[],
  options?: { readonly steps: number },
): Schedule {
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new TrainError('INVALID_OPTION', 'sequence needs at least one part.');
  }
  const placed = options
    ? placeFractions(parts as readonly SequenceFraction[], options)
    : placeSteps(parts as readonly SequencePart[]);
  return (step) => {
    const part = placed.findLast(({ start }) => step >= start) ?? placed[0]!;
    return part.schedule(step - part.start);
  };
}

interface PlacedPart {
  readonly start: number;
  readonly schedule: Schedule;
}

function placeSteps(parts: readonly SequencePart[]): PlacedPart[] {
  let start = 0;
  return parts.map((part, i) => {
    check.refuseUnknown(`sequence: part ${i}`, part, ['steps', 'schedule']);
    check.require('sequence', `steps of part ${i}`, part.steps, integer({ min: 1 }));
    const { schedule } = part;
    const placed = { start, schedule: typeof schedule === 'number' ? () => schedule : schedule };
    start += part.steps;
    return placed;
  });
}

function placeFractions(
  parts: readonly SequenceFraction[],
  options: { readonly steps: number },
): PlacedPart[] {
  check.refuseUnknown('sequence', options, ['steps']);
  check.require('sequence', 'steps', options.steps, integer({ min: parts.length }));
  for (const [i, part] of parts.entries()) {
    check.refuseUnknown(`sequence: part ${i}`, part, ['fraction', 'schedule']);
    check.require('sequence', `fraction of part ${i}`, part.fraction, number({ above: 0, max: 1 }));
  }
  const sum = parts.reduce((total, { fraction }) => total + fraction, 0);
  if (Math.abs(sum - 1) > 1e-9) {
    throw new TrainError(
      'INVALID_OPTION',
      `sequence: the fractions add up to ${sum}; they must add up to 1.`,
    );
  }
  let passed = 0;
  let start = 0;
  return parts.map(({ fraction, schedule }) => {
    passed += fraction;
    const end = Math.round(passed * options.steps);
    const placed = {
      start,
      schedule: typeof schedule === 'number' ? () => schedule : schedule(Math.max(end - start, 1)),
    };
    start = end;
    return placed;
  });
}
