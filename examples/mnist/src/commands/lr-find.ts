import { modelZoo } from '@mnist/models';
import { type Command, Option } from 'commander';
import { type AugmentationName, augmentationNames } from '../experiment/config.js';
import { findDatasets } from '../experiment/datasets.js';
import { sweepLearningRate } from '../experiment/sweep-learning-rate.js';
import { holdingGpu } from '../machine/devices.js';
import { chooseEngine } from '../machine/engines.js';
import { lrFindFigure, writePng } from '../ui/figures.js';
import { catchInterruption } from '../ui/interruption.js';
import { openTerminal } from '../ui/terminal.js';
import {
  addDataOptions,
  addEngineOption,
  addJsonOption,
  addThreadsOption,
  type DataOptions,
  type EngineOptions,
  positiveInteger,
  seedNumber,
} from './_options.js';

interface LrFindCommandOptions extends DataOptions, EngineOptions {
  readonly threads: number;
  readonly net: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly augmentation: AugmentationName;
  readonly seed: number;
  readonly png?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .addOption(new Option('--net <name>', 'net of the zoo').choices(Object.keys(modelZoo)).default('compact'))
    .option('--steps <n>', 'steps of the sweep', positiveInteger, 500)
    .option('--batch-size <n>', 'images a step', positiveInteger, 100)
    .addOption(
      new Option('--augmentation <name>', 'what the net trains on')
        .choices(augmentationNames)
        .default('fused'),
    )
    .option('--seed <n>', 'decides weights, order and distortions', seedNumber, 1)
    .option('--png <file>', 'write the curve as a picture');
  addJsonOption(addThreadsOption(addEngineOption(addDataOptions(command, 'train'))));
  command.action(async (options: LrFindCommandOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const { engine, verdict } = await chooseEngine(options);
    const data = await findDatasets(terminal, options);
    const interruption = catchInterruption(() => terminal.line('  stopping; the curve so far follows'));
    try {
      const { signal } = interruption;
      const result = await holdingGpu(verdict, { signal, onWaiting: terminal.line }, (signal) =>
        sweepLearningRate({
          config: {
            net: { name: options.net },
            batchSize: options.batchSize,
            augmentation: options.augmentation,
          },
          data,
          engine,
          seed: options.seed,
          steps: options.steps,
          signal,
        }),
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
    }
  });
}
