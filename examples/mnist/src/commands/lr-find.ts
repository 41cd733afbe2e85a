import { batches } from '@mnist/dataset';
import { modelZoo } from '@mnist/models';
import { lrFind } from '@mnist/train';
import { type Command, Option } from 'commander';
import { buildNet } from '../build-net.js';
import {
  addComputeOptions,
  addDataOptions,
  addLimitOption,
  type ComputeOptions,
  type DataOptions,
  positiveInteger,
  seedNumber,
} from '../common-options.js';
import { findDatasets } from '../datasets.js';
import { chooseEngine, openEngine } from '../engines.js';
import { lrFindFigure, writePng } from '../figures.js';
import { catchInterruption } from '../interruption.js';
import type { AugmentationName } from '../member-config.js';
import { startProgress } from '../progress.js';
import { openTerminal } from '../terminal.js';
import { transformsOf } from '../transforms.js';

interface LrFindCommandOptions extends DataOptions, ComputeOptions {
  readonly net: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly augmentation: AugmentationName;
  readonly seed: number;
  readonly png?: string;
  readonly json?: boolean;
}

export function addLrFindCommand(program: Command): void {
  const command = program
    .command('lr-find')
    .description('sweep the learning rate over seven decades and suggest one')
    .addOption(new Option('--net <name>', 'net of the zoo').choices(Object.keys(modelZoo)).default('compact'))
    .option('--steps <n>', 'steps of the sweep', positiveInteger, 500)
    .option('--batch-size <n>', 'images a step', positiveInteger, 100)
    .addOption(
      new Option('--augmentation <name>', 'what the net trains on')
        .choices(['none', 'exact', 'fused'])
        .default('fused'),
    )
    .option('--seed <n>', 'decides weights, order and distortions', seedNumber, 1)
    .option('--png <file>', 'write the curve as a picture');
  addComputeOptions(addLimitOption(addDataOptions(command))).option(
    '--json',
    'print one JSON object on stdout',
  );
  command.action(async (options: LrFindCommandOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const { choice } = await chooseEngine(options);
    const data = await findDatasets(terminal, options);
    const model = await buildNet({ name: options.net }, options.seed, data.train.classNames.length);
    const source = batches(data.train, {
      batchSize: options.batchSize,
      batches: options.steps,
      seed: options.seed,
      transform: transformsOf(options.augmentation).training,
    });
    const bar = startProgress({ label: 'sweeping', total: options.steps });
    const interruption = catchInterruption(() => bar.log('  stopping; the curve so far follows'));
    try {
      const result = await lrFind({
        model,
        engine: await openEngine(choice, options.threads),
        data: source,
        steps: options.steps,
        seed: options.seed,
        signal: interruption.signal,
        onStep: ({ step, learningRate, loss }) =>
          bar.update(step + 1, `lr ${learningRate.toExponential(1)}  loss ${loss.toFixed(3)}`),
      });
      bar.finish(
        `${result.points.length} steps${result.stoppedEarly ? ', stopped where the loss ran away' : ''}`,
      );
      const figure = lrFindFigure(data, result, options.net);
      if (options.png) await writePng(options.png, figure);
      const lines = Object.entries(result.suggestions).map(
        ([name, rate]) =>
          `  ${name.padEnd(12)} ${rate === undefined ? 'none: the curve never falls' : rate.toExponential(2)}`,
      );
      if (!options.json) terminal.line(figure.toTerminal(terminal.figureOptions));
      terminal.result(
        { synthetic: data.choice.kind === 'synthetic', net: options.net, ...result },
        ['suggestions', ...lines, ...(options.png ? [`picture: ${options.png}`] : [])].join('\n'),
      );
    } finally {
      interruption.release();
      model.dispose();
    }
  });
}
