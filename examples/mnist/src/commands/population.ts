import { resolve } from 'node:path';
import { enqueuePopulation, openPopulation } from '@mnist/population';
import { type Command, Option } from 'commander';
import { netTitle } from '../build-net.js';
import { accuracyWithInterval, evaluateCommittee } from '../committee-results.js';
import {
  addDataOptions,
  addLimitOption,
  type DataOptions,
  positiveInteger,
  seedNumber,
  wholeNumber,
} from '../common-options.js';
import { findDatasets } from '../datasets.js';
import { chooseEngine, defaultWorkers } from '../engines.js';
import { InterruptedError } from '../exit-codes.js';
import { catchInterruption } from '../interruption.js';
import type { AugmentationName, MemberConfig } from '../member-config.js';
import { showPopulation } from '../population-progress.js';
import { type PresetName, presets } from '../presets.js';
import { openTerminal } from '../terminal.js';
import { recipeUrl, trainNets } from '../train-population.js';

interface PopulationOptions extends DataOptions {
  readonly preset: PresetName;
  readonly count: number;
  readonly epochs?: number;
  readonly annihilation?: number;
  readonly augmentation?: AugmentationName;
  readonly seed: number;
  readonly workers?: number;
  readonly engine: string;
  readonly device?: string;
  readonly queue?: string;
  readonly retrainDamaged?: boolean;
  readonly json?: boolean;
}

export function addPopulationCommand(program: Command): void {
  const command = program
    .command('population <folder>')
    .description('train many nets into a folder; run it again to go on or to grow it')
    .addOption(
      new Option('--preset <name>', 'how each net is trained')
        .choices(Object.keys(presets))
        .default('compact'),
    )
    .option('--count <n>', 'nets in all', positiveInteger, 35)
    .option('--epochs <n>', "epochs of the main schedule, instead of the preset's", positiveInteger)
    .option('--annihilation <n>', "epochs of annihilation, instead of the preset's", wholeNumber)
    .addOption(
      new Option('--augmentation <name>', "instead of the preset's").choices(['none', 'exact', 'fused']),
    )
    .option('--seed <n>', 'decides all of them', seedNumber, 1)
    .option(
      '--workers <n>',
      'nets trained at once on this machine (default: one a core, or one on a GPU); without --queue',
      positiveInteger,
    )
    .addOption(new Option('--engine <name>', 'what trains').choices(['auto', 'onnx', 'tfjs']).default('auto'))
    .option('--device <name>', 'device of the engine')
    .option(
      '--queue <url>',
      'hand the nets out through this Redis (redis://... or rediss://...) to `worker` processes anywhere',
    )
    .option('--retrain-damaged', 'verify the stored nets first, set damaged ones aside and train them again');
  addLimitOption(addDataOptions(command)).option('--json', 'print one JSON object on stdout');
  command.action(async (folder: string, options: PopulationOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const { choice } = await chooseEngine(options);
    const data = await findDatasets(terminal, options);
    const { member } = presets[options.preset];
    const config: MemberConfig = {
      ...member,
      epochs: options.epochs ?? member.epochs,
      augmentation: options.augmentation ?? member.augmentation,
      annihilationEpochs: options.annihilation ?? member.annihilationEpochs,
      dataset: data.choice,
      engine: choice,
    };
    const common = {
      folder: resolve(folder),
      count: options.count,
      config,
      seed: options.seed,
      retrainDamaged: options.retrainDamaged ?? false,
    };
    const title = netTitle(config.net);
    if (options.queue === undefined)
      await trainNets({ ...common, workers: options.workers ?? defaultWorkers(choice), threads: 1, title });
    else await trainOnQueue(options.queue, common, title);
    const population = await openPopulation(folder);
    const members = population.members.filter(({ index }) => index < options.count);
    const results = await evaluateCommittee({ ...population, members }, data.test);
    terminal.result(
      {
        synthetic: data.choice.kind === 'synthetic',
        dataset: data.title,
        folder: population.folder,
        nets: results.members,
        committee: { accuracy: results.accuracy, errors: results.errors, interval: results.interval },
      },
      `${results.members.length} nets in ${population.folder}, ${(results.meanAccuracy * 100).toFixed(2)} % each on average; all of them voting: ${accuracyWithInterval(results)} on ${data.title}`,
    );
  });
}

async function trainOnQueue(
  queue: string,
  common: { folder: string; count: number; config: MemberConfig; seed: number; retrainDamaged: boolean },
  title: string,
): Promise<void> {
  const display = showPopulation(title, common.count);
  const interruption = catchInterruption(display.stopping);
  try {
    await enqueuePopulation({
      ...common,
      queue,
      recipe: recipeUrl,
      signal: interruption.signal,
      onEvent: display.onEvent,
    });
    display.finish();
  } catch (error) {
    if (interruption.signal.aborted)
      throw new InterruptedError(
        `Stopped collecting. The nets so far are in ${common.folder}; the same command goes on.`,
        { cause: error },
      );
    throw error;
  } finally {
    interruption.release();
  }
}
