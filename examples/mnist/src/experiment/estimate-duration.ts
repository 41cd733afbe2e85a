import { type Engine, timeSteps } from '@mnist/engine';
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
 * @param sweepSteps of the learning-rate sweep before it, at the pace of one thread: it takes a large net minutes
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
  const stepTime = await measureStep(member, engine);
  const lanes = Math.min(workers, nets);
  const training = (stepTime * steps * Math.ceil(nets / lanes)) / (lanes > 1 ? sideBySide : 1);
  return stepTime * sweepSteps + training;
}

/** Median milliseconds of a training step on random images. */
async function measureStep(member: Pick<MemberConfig, 'net' | 'batchSize'>, engine: Engine): Promise<number> {
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
    return 1000 * (await timeSteps(session, { batch: { images, labels }, hyper }, { calls: 11, seconds: 1 }));
  } finally {
    await session.dispose();
    model.dispose();
  }
}
