import { type Engine, type TrainingSession, timeSteps } from '@mnist/engine';
import ndarray from 'ndarray';
import { buildNet } from '../nets/build-net.js';
import type { MemberConfig } from './config.js';
import type { Preset } from './presets.js';

/**
 * Nets that train side by side slow each other down: they share caches, memory and clock speed. Measured on two
 * cores with `compact`: two nets at once run at 0.65 to 0.9 of the speed of one alone.
 */
const sideBySide = 0.75;

/**
 * Milliseconds that a preset takes with so many workers, from a few real steps of its net on one thread.
 *
 * @param sweepSteps of the learning-rate sweep before it, at the pace of one thread: it takes a large net minutes. It needs the
 * loss of each step before the next, so it takes them one by one, which on CUDA is several times slower than in groups
 */
export async function estimateDuration(
  preset: Preset,
  engine: Engine,
  trainCount: number,
  workers: number,
  sweepSteps: number,
): Promise<number> {
  const { member, nets } = preset;
  const steps = Math.floor(trainCount / member.batchSize) * (member.epochs + member.annihilationEpochs);
  const { inTraining, inSweep } = await measureStep(member, engine, sweepSteps > 0);
  const lanes = Math.min(workers, nets);
  const training = (inTraining * steps * Math.ceil(nets / lanes)) / (lanes > 1 ? sideBySide : 1);
  return inSweep * sweepSteps + training;
}

/** Median milliseconds of a step on random images: as the training takes steps, and as the sweep does if there is one. */
async function measureStep(
  member: Pick<MemberConfig, 'net' | 'batchSize'>,
  engine: Engine,
  sweeps: boolean,
): Promise<{ readonly inTraining: number; readonly inSweep: number }> {
  const model = await buildNet(member.net, 0, 10);
  const session = await engine.open(model, { batchSize: member.batchSize });
  try {
    const images = ndarray(
      new Float32Array(member.batchSize * 784).map((_, i) => Math.sin(i * 12.9898)),
      [member.batchSize, 28, 28, 1],
    );
    const labels = ndarray(
      new Uint8Array(member.batchSize).map((_, i) => i % 10),
      [member.batchSize],
    );
    const hyper = { learningRate: 1e-4, momentum: 0.9, weightDecay: 0 };
    const time = async (timed: TrainingSession) =>
      1000 * (await timeSteps(timed, { batch: { images, labels }, hyper }, { calls: 11, seconds: 1 }));
    const inTraining = await time(session);
    if (!session.group || !sweeps) return { inTraining, inSweep: inTraining };
    // The same session without its groups; nothing but steps is asked of it.
    const oneByOne = { step: session.step.bind(session) } as TrainingSession;
    return { inTraining, inSweep: await time(oneByOne) };
  } finally {
    await session.dispose();
    model.dispose();
  }
}
