import { join } from 'node:path';
import type { Recipe, RecipeContext } from '@mnist/population';
import type { Callback } from '@mnist/train';
import type { MemberConfig } from './config.js';

/**
 * Steps between two checkpoints: seldom enough to cost nothing, often enough to lose little. A GPU takes the steps of an epoch
 * in a few seconds, and then every look at its weights costs as much as many steps.
 */
const checkpointEverySteps = { cpu: 100, gpu: 600 };

/**
 * How one net of a population is trained; @mnist/population imports this module in each of its worker processes.
 * Everything heavy is imported inside `train`, so that the parent process stays light.
 */
export const recipe: Recipe = {
  name: 'example-mnist',
  version: '1',
  async train(context: RecipeContext) {
    const [
      { buildNet },
      { classifyDataset },
      { loadDatasets },
      { chooseEngine, defaultLoaders },
      { restrictToDevice },
      { trainNet },
      { transformsOf },
      { holdOutOf },
      { saveModel },
      train,
    ] = await Promise.all([
      import('../nets/build-net.js'),
      import('../nets/classify-dataset.js'),
      import('./datasets.js'),
      import('../machine/engines.js'),
      import('../machine/devices.js'),
      import('./train-net.js'),
      import('./transforms.js'),
      import('./hold-out.js'),
      import('@mnist/models'),
      import('@mnist/train'),
    ]);
    const config = context.config as unknown as MemberConfig;
    const { train: trainSet, test } = holdOutOf(
      config,
      context.index,
      await loadDatasets(config.dataset, { signal: context.signal }),
    );
    const model = await buildNet(config.net, context.seed, trainSet.classNames.length);
    restrictToDevice(context.device);
    const { engine, verdict } = await chooseEngine({ engine: config.engine, threads: context.threads });

    const checkpointEvery = checkpointEverySteps[verdict.device ?? 'cpu'];
    const checkpoints = train.checkpoint({
      directory: join(context.workFolder, 'checkpoints'),
      everySteps: checkpointEvery,
      resume: true,
      warn: context.log,
    });
    const report: Callback = {
      name: 'report',
      stepEnd(run, { loss }) {
        context.report({ step: run.step, totalSteps: run.totalSteps, loss });
      },
    };
    const announce: Callback = {
      name: 'announce',
      last: true,
      async stepEnd(run, { lastInEpoch }) {
        if (!lastInEpoch && run.step % checkpointEvery === 0) await context.checkpointed();
      },
      async epochEnd(run) {
        if (run.step % checkpointEvery === 0) await context.checkpointed();
      },
    };
    const trained = await trainNet(model, trainSet, {
      engine,
      config,
      seed: context.seed,
      // On processors there is a net a core.
      loaders: verdict.device === 'gpu' ? defaultLoaders('gpu', context.threads) : 0,
      callbacks: [train.nanGuard({ everySteps: checkpointEvery }), report, checkpoints, announce],
      signal: context.signal,
    });
    if (trained.reason === 'aborted') {
      await context.checkpointed();
      throw context.signal.reason;
    }
    if (trained.reason !== 'completed') {
      throw new Error(
        `training ended early: ${trained.reason}${trained.detail ? ` (${trained.detail})` : ''}`,
      );
    }

    await saveModel(model, context.outputFolder);
    const session = await engine.open(model, { batchSize: config.batchSize });
    try {
      const result = await classifyDataset(session, test, {
        name: `net ${context.index}`,
        view: transformsOf(config.augmentation).evaluation,
      });
      const { step, loss, learningRate } = trained.history;
      return {
        metrics: { testAccuracy: result.accuracy, testErrors: result.errors, testCount: result.count },
        probabilities: {
          data: result.probabilities.data as Float32Array,
          shape: result.probabilities.shape as [number, number],
          labels: Uint8Array.from(result.labels),
        },
        history: { step, loss, learningRate },
        environment: { engine: session.computedBy, threads: context.threads, seconds: trained.seconds },
      };
    } finally {
      await session.dispose();
      model.dispose();
    }
  },
};
