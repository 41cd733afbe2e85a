import { resolve } from 'node:path';
import { enqueuePopulation, openPopulation } from '@mnist/population';
import { type Command, Option } from 'commander';
import { accuracyWithInterval, evaluateCommittee } from '../experiment/committee-results.js';
import { type AugmentationName, augmentationNames, type MemberConfig } from '../experiment/config.js';
import { findDatasets } from '../experiment/datasets.js';
import { type PresetName, presets } from '../experiment/presets.js';
import { recipeUrl, trainPopulationHere } from '../experiment/train-population.js';
import { lanesFor } from '../machine/devices.js';
import { chooseEngine } from '../machine/engines.js';
import { netTitle } from '../nets/build-net.js';
import { refuseForeignFolder } from '../nets/refuse-foreign-folder.js';
import { InterruptedError, UsageError } from '../ui/errors.js';
import { catchInterruption } from '../ui/interruption.js';
import { showPopulation } from '../ui/population-progress.js';
import { openTerminal } from '../ui/terminal.js';
import {
  addDataOptions,
  addEngineOption,
  addJsonOption,
  type DataOptions,
  type EngineOptions,
  positiveInteger,
  seedNumber,
  stageWidths,
  wholeNumber,
} from './_options.js';

interface PopulationOptions extends DataOptions, EngineOptions {
  readonly preset: PresetName;
  readonly count: number;
  readonly widths?: [number, number, number];
  readonly epochs?: number;
  readonly annihilation?: number;
  readonly augmentation?: AugmentationName;
  readonly seed: number;
  readonly workers?: number;
  readonly queue?: string | true;
  readonly retrainDamaged?: boolean;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .addOption(
      new Option('--preset <name>', 'how each net is trained')
        .choices(Object.keys(presets))
        .default('compact'),
    )
    .option('--count <n>', 'nets in all', positiveInteger, 35)
    .option('--widths <a,b,c>', "channels of the three stages, instead of the preset's", stageWidths)
    .option('--epochs <n>', "epochs of the main schedule, instead of the preset's", positiveInteger)
    .option('--annihilation <n>', "epochs of annihilation, instead of the preset's", wholeNumber)
    .addOption(new Option('--augmentation <name>', "instead of the preset's").choices(augmentationNames))
    .option('--seed <n>', 'decides all of them', seedNumber, 1)
    .option(
      '--workers <n>',
      'nets trained at once on this machine (default: one a core, or one on a GPU); without --queue',
      positiveInteger,
    )
    .option(
      '--queue [url]',
      'hand the nets out through this Redis (redis://... or rediss://...; default: MNIST_QUEUE_URL) to `worker` processes anywhere',
    )
    .option('--retrain-damaged', 'verify the stored nets first, set damaged ones aside and train them again');
  addJsonOption(addEngineOption(addDataOptions(command, 'train')));
  command.action(async (folder: string, options: PopulationOptions) => {
    // It would mean the current folder.
    if (folder === '') throw new UsageError('The folder is empty; name the folder of the population.');
    await refuseForeignFolder(resolve(folder), ['manifest.json']);
    const terminal = openTerminal({ json: options.json === true });
    const { verdict } = await chooseEngine(options);
    const data = await findDatasets(terminal, options);
    const { member } = presets[options.preset];
    const config: MemberConfig = {
      ...member,
      net: options.widths ? { ...member.net, widths: options.widths } : member.net,
      epochs: options.epochs ?? member.epochs,
      augmentation: options.augmentation ?? member.augmentation,
      annihilationEpochs: options.annihilation ?? member.annihilationEpochs,
      dataset: data.choice,
      engine: verdict.name,
    };
    const common = {
      folder: resolve(folder),
      count: options.count,
      config,
      seed: options.seed,
      retrainDamaged: options.retrainDamaged ?? false,
    };
    const title = netTitle(config.net);
    if (options.queue === undefined) {
      const lanes = await lanesFor(verdict, options.workers);
      await trainPopulationHere({ ...common, ...lanes, threads: 1, title });
    } else await trainOnQueue(options.queue, common, title);
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
  queue: string | true,
  common: { folder: string; count: number; config: MemberConfig; seed: number; retrainDamaged: boolean },
  title: string,
): Promise<void> {
  const display = showPopulation(title, common.count);
  const interruption = catchInterruption(display.stopping);
  try {
    await enqueuePopulation({
      ...common,
      queue: queue === true ? undefined : queue,
      recipe: recipeUrl,
      signal: interruption.signal,
      onEvent: display.onEvent,
    });
    display.finish();
  } catch (error) {
    if (interruption.signal.aborted)
      throw new InterruptedError(
        `Stopped collecting. The nets so far are in ${common.folder}; the same command goes on, and \`example-mnist cancel\` takes the rest off the queue.`,
        { cause: error },
      );
    throw error;
  } finally {
    interruption.release();
  }
}
