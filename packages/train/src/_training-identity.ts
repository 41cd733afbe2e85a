import type { BatchSource } from '@mnist/dataset';
import { show } from '@mnist/kit';
import type { Callback } from './callbacks/callback.js';
import type { ScheduledValue } from './schedules/schedule.js';
import { TrainError } from './train-error.js';
import type { TrainerOptions } from './trainer-options.js';
import type { ScheduleIdentity, TrainingIdentity } from './training-snapshot.js';

type ScheduleName = 'learningRate' | 'momentum' | 'weightDecay';
export type Schedules = Readonly<Record<ScheduleName, ScheduledValue>>;

const scheduleNames: readonly ScheduleName[] = ['learningRate', 'momentum', 'weightDecay'];
const points = 33;

export function valueAt(value: ScheduledValue, step: number): number {
  return typeof value === 'number' ? value : value(step);
}

export function identityOf(
  {
    loss,
    optimizer,
    seed,
    ...schedules
  }: Required<Pick<TrainerOptions, 'loss' | 'optimizer' | 'seed'>> & Schedules,
  { batchSize, batchesPerEpoch: stepsPerEpoch, totalBatches: totalSteps }: BatchSource,
  callbacks: readonly Callback[],
): TrainingIdentity {
  const sample = (schedule: ScheduledValue): ScheduleIdentity => {
    const count = typeof schedule === 'number' ? 1 : Math.max(Math.min(points, totalSteps), 1);
    return Array.from({ length: count }, (_, i) => {
      const step = count === 1 ? 0 : Math.round((i * (totalSteps - 1)) / (count - 1));
      return [step, valueAt(schedule, step)] as const;
    });
  };
  return {
    batchSize,
    stepsPerEpoch,
    totalSteps,
    loss,
    optimizer,
    seed,
    learningRate: sample(schedules.learningRate),
    momentum: sample(schedules.momentum),
    weightDecay: sample(schedules.weightDecay),
    callbacks: Object.fromEntries(
      callbacks
        .filter(({ identity }) => identity !== undefined)
        .map(({ name, identity }) => [name, identity]),
    ),
  };
}

/**
 * @param found of a checkpoint
 * @throws TrainError CHECKPOINT_MISMATCH, which names the first difference
 */
export function checkIdentity(found: TrainingIdentity, wanted: TrainingIdentity, schedules: Schedules): void {
  for (const key of ['batchSize', 'stepsPerEpoch', 'loss', 'optimizer', 'seed', 'totalSteps'] as const) {
    const [before, now] = [JSON.stringify(found[key]), JSON.stringify(wanted[key])];
    if (before !== now) throw mismatch(key, `${key} ${before}`, now);
  }
  for (const name of scheduleNames) {
    for (const [step, before] of found[name]) {
      const now = valueAt(schedules[name], step);
      if (!(Math.abs(now - before) <= 1e-9 * Math.abs(before)) && !Object.is(now, before)) {
        throw mismatch(name, `${name} ${before} at step ${step}`, String(now));
      }
    }
  }
  for (const [name, now] of Object.entries(wanted.callbacks)) {
    const before = found.callbacks[name];
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(now)) {
      throw mismatch('callbacks', `the callback '${name}' with ${show(before)}`, show(now));
    }
  }
}

const fixed: readonly string[] = ['batchSize', 'stepsPerEpoch', 'optimizer'];

export function mismatch(key: string, before: string, now: string): TrainError {
  const remedy = fixed.includes(key)
    ? 'Use the same options, or another folder.'
    : `Use the same options, or another folder; checkpoint({ mayChange: ['${key}'] }) goes on all the same.`;
  return new TrainError(
    'CHECKPOINT_MISMATCH',
    `The checkpoint belongs to a training with ${before}, this one has ${now}. ${remedy}`,
  );
}
