import { join, resolve } from 'node:path';
import { formatDuration } from '@mnist/kit';
import { openPopulation } from '@mnist/population';
import type { LrFindResult } from '@mnist/train';
import { startProgress } from '@mnist/train';
import { type Command, Option } from 'commander';
import { accuracyWithInterval, evaluateCommittee } from '../experiment/committee-results.js';
import type { MemberConfig } from '../experiment/config.js';
import { findDatasets } from '../experiment/datasets.js';
import {
  commandLine,
  makePlan,
  mayDrawDigits,
  type Plan,
  type PlanOptions,
  refuseOtherRun,
  runFolder,
  storedEngine,
  storedNets,
  sweepSteps,
} from '../experiment/plan.js';
import { presets, scheduleTitle } from '../experiment/presets.js';
import { sweepLearningRate } from '../experiment/sweep-learning-rate.js';
import { trainPopulationHere } from '../experiment/train-population.js';
import { holdingGpu, lanesFor } from '../machine/devices.js';
import { openEngine } from '../machine/engines.js';
import { machineFacts } from '../machine/facts.js';
import { netTitle } from '../nets/build-net.js';
import { refuseForeignFolder } from '../nets/refuse-foreign-folder.js';
import { augmentationFigure, mistakesFigure } from '../ui/figures.js';
import { readHistories, resultsJson, writeRunReport } from '../ui/run-report.js';
import { formatTable, percent } from '../ui/table.js';
import { openTerminal, type Terminal } from '../ui/terminal.js';
import { addDataOptions, addEngineOption, addJsonOption, positiveInteger, seedNumber } from './_options.js';

interface RunOptions extends PlanOptions {
  readonly json?: boolean;
}

/** Drawn digits only show that everything works, so a smaller set of them does. */
const syntheticCounts = { train: 20_000, test: 5_000 };

export function define(command: Command): void {
  command
    .addOption(
      new Option('--preset <name>', 'how much of it')
        .choices(['auto', ...Object.keys(presets)])
        .default('auto'),
    )
    .option('--nets <n>', "nets in the committee, instead of the preset's number", positiveInteger)
    .option('--epochs <n>', "epochs of the main schedule, instead of the preset's", positiveInteger)
    .option('--seed <n>', 'decides every weight, order and distortion', seedNumber, 1)
    .option(
      '--workers <n>',
      'nets trained at once, one process each (default: one a core, or one on a GPU)',
      positiveInteger,
    )
    .option(
      '--out <folder>',
      'where nets and report go (default: runs/<preset>); an interrupted run goes on there',
    )
    .option('--no-sweep', 'leave out the learning-rate sweep')
    .option(
      '--retrain-damaged',
      'verify the nets of an earlier run first, set damaged ones aside and train them again',
    );
  addJsonOption(addEngineOption(addDataOptions(command, 'train'))).action(run);
}

async function run(options: RunOptions): Promise<void> {
  if (options.out !== undefined) {
    await refuseForeignFolder(resolve(options.out), [join('population', 'manifest.json')]);
  }
  const started = performance.now();
  const terminal = openTerminal({ json: options.json === true });
  const machine = machineFacts();

  terminal.heading('1  Data');
  const data = await findDatasets(terminal, {
    ...options,
    substitute: mayDrawDigits(options),
    syntheticCounts,
  });

  terminal.heading('2  Machine and plan');
  terminal.line(`  ${machine.description}`);
  const plan = await planAloud(terminal, options, data.train.labels.shape[0]!);
  const { engine } = plan;
  const folder = runFolder(options, plan.preset, data);
  const populationFolder = join(folder, 'population');
  const nets = options.nets ?? Math.max(plan.preset.nets, await storedNets(populationFolder));
  const preset = { ...plan.preset, nets };
  const begun = options.engine === 'auto' ? await storedEngine(populationFolder) : undefined;
  if (begun !== undefined && begun !== engine.verdict.name) {
    terminal.line(`  the nets in ${populationFolder} were begun on ${begun}: going on with it`);
  }
  const config: MemberConfig = {
    ...preset.member,
    dataset: data.choice,
    engine: begun ?? engine.verdict.name,
  };
  // What the nets were begun on may be on another device than what is fastest today.
  const verdict = engine.verdicts.find(({ name }) => name === config.engine) ?? engine.verdict;
  await refuseOtherRun(populationFolder, config, options.seed);

  terminal.heading('3  Augmentation');
  const sheet = augmentationFigure(data, config.augmentation, options.seed);
  terminal.line(sheet.toTerminal(terminal.figureOptions));

  let sweep: LrFindResult | undefined;
  if (options.sweep) {
    terminal.heading('4  Learning-rate sweep');
    const wide = await openEngine(config.engine, machine.cores);
    const { seed } = options;
    const onWaiting = (text: string) => terminal.line(`  ${text}`);
    sweep = await holdingGpu(verdict, { onWaiting }, (signal) =>
      sweepLearningRate({ config, data, engine: wide, seed, steps: sweepSteps, signal }),
    );
    const found = Object.entries(sweep.suggestions).map(
      ([name, rate]) => `${name} ${rate === undefined ? 'none' : rate.toExponential(1)}`,
    );
    terminal.line(`  suggestions: ${found.join(', ')}; the preset uses ${scheduleTitle(config)}`);
  }

  const lanes = await lanesFor(verdict, options.workers);
  const atOnce = Math.min(lanes.workers, preset.nets);
  terminal.heading(`5  Training ${preset.nets} nets, ${atOnce} at a time`);
  await trainPopulationHere({
    folder: populationFolder,
    count: preset.nets,
    config,
    seed: options.seed,
    ...lanes,
    threads: 1,
    title: netTitle(config.net),
    retrainDamaged: options.retrainDamaged ?? false,
  });

  terminal.heading('6  The committee votes');
  const population = await openPopulation(populationFolder);
  const members = population.members.filter(({ index }) => index < preset.nets);
  const results = await evaluateCommittee({ ...population, members }, data.test);
  const label = data.choice.kind === 'synthetic' ? 'SYNTHETIC digits' : data.title;
  terminal.line(
    formatTable(
      [`on ${results.count.toLocaleString('en-US')} test images, ${label}`, 'accuracy', 'errors'],
      [
        ...results.members.map(({ index, accuracy, errors }) => [
          `net ${index + 1}`,
          percent(accuracy),
          String(errors),
        ]),
        ['mean of the nets', percent(results.meanAccuracy), ''],
        [`committee of ${results.members.length}`, percent(results.accuracy), String(results.errors)],
      ],
    ),
  );

  terminal.heading('7  Its mistakes');
  const worst = results.mistakes.slice(0, 12);
  const mistakes = worst.length > 0 && mistakesFigure(data, worst, 'the committee (most confident first)');
  terminal.line(mistakes ? mistakes.toTerminal(terminal.figureOptions) : '  none');

  terminal.heading('8  Report');
  const report = {
    data,
    config,
    presetDescription: preset.description,
    seed: options.seed,
    results,
    sweep,
    histories: await readHistories(members),
    machine,
    engineName: config.engine,
    duration: performance.now() - started,
    command: commandLine(options, preset, config),
  };
  const reportFolder = join(folder, 'report');
  const files = await writeRunReport(reportFolder, report);
  terminal.line(`  ${files.length} files in ${reportFolder}; open index.html`);
  terminal.result(
    { ...resultsJson(report), report: join(reportFolder, 'index.html'), population: population.folder },
    `\n${label}: the committee of ${results.members.length} is right on ${accuracyWithInterval(results)}, ${formatDuration(report.duration)} in all.`,
  );
}

/** Makes the plan and tells it: engine, preset, and what the others would take. */
async function planAloud(terminal: Terminal, options: RunOptions, trainCount: number): Promise<Plan> {
  const bar = startProgress({
    label: 'timing a few steps of each preset',
    total: Object.keys(presets).length,
  });
  const plan = await makePlan(options, trainCount, {
    timed: (name, done) => bar.update(done, name),
    waiting: (text) => terminal.line(`  ${text}`),
  });
  bar.finish();
  const { preset, why, engine, durations } = plan;
  terminal.line(`  engine ${engine.why}`);
  for (const { name, ready, reason } of engine.verdicts) {
    if (!ready) terminal.line(`    not used: ${name}: ${reason}`);
  }
  terminal.line(`  preset ${preset.name}: ${why}`);
  terminal.line(`    ${preset.description}`);
  const rows = durations.map(({ preset: each, milliseconds }) => [
    `${each.name === preset.name ? '> ' : '  '}${each.name}`,
    `${each.nets} nets of ${netTitle(each.member.net)}`,
    `about ${formatDuration(milliseconds)}`,
  ]);
  terminal.line(formatTable(['  preset', 'what', 'time here'], rows, 2));
  return plan;
}
