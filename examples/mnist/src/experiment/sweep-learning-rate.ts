import { batches } from '@mnist/dataset';
import type { Engine } from '@mnist/engine';
import { type LrFindResult, lrFind, startProgress } from '@mnist/train';
import { buildNet } from '../nets/build-net.js';
import type { MemberConfig } from './config.js';
import type { Datasets } from './datasets.js';
import { transformsOf } from './transforms.js';

export interface SweepOptions {
  readonly config: Pick<MemberConfig, 'net' | 'batchSize' | 'augmentation'>;
  readonly data: Datasets;
  readonly engine: Engine;
  readonly seed: number;
  readonly steps: number;
  readonly signal?: AbortSignal;
}

/** Sweeps the learning rate on a fresh net, with a bar on the terminal. */
export async function sweepLearningRate(options: SweepOptions): Promise<LrFindResult> {
  const { config, data, engine, seed, steps, signal } = options;
  const model = await buildNet(config.net, seed, data.train.classNames.length);
  const source = batches(data.train, {
    batchSize: config.batchSize,
    batches: steps,
    seed,
    transform: transformsOf(config.augmentation).training,
  });
  const bar = startProgress({ label: 'sweeping', total: steps });
  try {
    const result = await lrFind({
      model,
      engine,
      data: source,
      steps,
      // The smoothing of the original's sweep (half-life 10 of 500 steps), scaled to this one's length.
      halfLife: steps / 50,
      seed,
      signal,
      onStep: ({ step, learningRate, loss }) =>
        bar.update(step + 1, `lr ${learningRate.toExponential(1)}  loss ${loss.toFixed(3)}`),
    });
    bar.finish(
      `${result.points.length} steps${result.stoppedEarly ? ', stopped where the loss ran away' : ''}`,
    );
    return result;
  } finally {
    model.dispose();
  }
}
