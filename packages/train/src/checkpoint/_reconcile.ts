import type { TrainingRun } from '../training-run.js';
import type { TrainingSnapshot } from '../training-snapshot.js';

/** What a resumed training may be allowed to have otherwise. */
export const changeable = [
  'data',
  'totalSteps',
  'learningRate',
  'momentum',
  'weightDecay',
  'loss',
  'seed',
  'callbacks',
] as const;
/** What a resume may change; see `mayChange`. */
export type Changeable = (typeof changeable)[number];

/**
 * Announces what changes with a resume, and takes what is allowed to change as if it had always been so; what is left to
 * differ is found by the trainer, which refuses it.
 */
export function reconcile(
  snapshot: TrainingSnapshot,
  { identity, session, callbacks }: TrainingRun,
  mayChange: readonly Changeable[],
  warn: (message: string) => void,
): TrainingSnapshot {
  if (snapshot.computedBy !== session.computedBy) {
    warn(
      `The checkpoint was computed by '${snapshot.computedBy}'; '${session.computedBy}' continues it, so the result will differ in the last bits from an uninterrupted training.`,
    );
  }
  const dropped = Object.keys(snapshot.callbacks).filter(
    (name) => !callbacks.some((own) => own.name === name),
  );
  if (dropped.length > 0) {
    warn(
      `The checkpoint holds states of callbacks that this training has not: ${dropped.join(', ')}. They are dropped.`,
    );
  }
  const fresh = callbacks.filter(({ name, restore }) => restore && snapshot.callbacks[name] === undefined);
  if (fresh.length > 0) {
    const names = fresh.map(({ name }) => name).join(', ');
    warn(
      `The checkpoint holds no state of the callbacks ${names}: they begin after ${snapshot.state.step} steps.`,
    );
  }
  const allowed = mayChange.filter((name) => name !== 'data');
  const changed = allowed.filter(
    (name) => JSON.stringify(snapshot.identity[name]) !== JSON.stringify(identity[name]),
  );
  if (changed.length > 0) {
    warn(
      `The training goes on with another ${changed.join(', ')} than the checkpoint's, as mayChange allows.`,
    );
  }
  return {
    ...snapshot,
    identity: {
      ...snapshot.identity,
      ...Object.fromEntries(changed.map((name) => [name, identity[name]])),
    },
    lastBatch: mayChange.includes('data') ? undefined : snapshot.lastBatch,
  };
}
