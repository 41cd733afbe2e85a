import type { GroupedStep, TrainingSession } from './engine.js';

/**
 * Seconds a training step takes, as the `Trainer` takes steps: in groups where the session has groups. Trains: restore the
 * state afterwards, or dispose of the session. One call warms up and is not counted.
 *
 * @param step the step that is repeated
 * @param calls most calls that are timed, at least 1; fewer where `seconds` have passed after the first
 * @returns the median
 */
export async function timeSteps(
  session: TrainingSession,
  step: GroupedStep,
  { calls, seconds = Number.POSITIVE_INFINITY }: { readonly calls: number; readonly seconds?: number },
): Promise<number> {
  const { group } = session;
  const size = group?.size ?? 1;
  const call = async () => {
    const before = performance.now();
    if (group) await group.steps(Array.from({ length: size }, () => step));
    else await session.step(step.batch, step.hyper);
    return (performance.now() - before) / 1000;
  };
  let passed = await call();
  const times: number[] = [];
  do {
    const time = await call();
    passed += time;
    times.push(time / size);
  } while (times.length < calls && passed < seconds);
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}
