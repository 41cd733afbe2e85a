import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { batches } from '@mnist/dataset';
import { openPopulation, readManifest } from '@mnist/population';
import { type LrFindResult, lrFind } from '@mnist/train';
import { type Command, Option } from 'commander';
import { buildNet, netTitle } from '../build-net.js';
import { accuracyWithInterval, evaluateCommittee } from '../committee-results.js';
import {
  addDataOptions,
  addLimitOption,
  type ComputeOptions,
  type DataOptions,
  positiveInteger,
  seedNumber,
} from '../common-options.js';
import { type Datasets, findDatasets } from '../datasets.js';
import { chooseEngine, defaultWorkers, openEngine } from '../engines.js';
import { estimateDuration } from '../estimate-duration.js';
import { UsageError } from '../exit-codes.js';
import { augmentationFigure, mistakesFigure } from '../figures.js';
import { machineFacts } from '../machine.js';
import type { MemberConfig } from '../member-config.js';
import { type Preset, type PresetName, presets } from '../presets.js';
import { formatDuration, startProgress } from '../progress.js';
import { type MemberHistory, resultsJson, writeRunReport } from '../run-report.js';
import { formatTable, openTerminal, type Terminal } from '../terminal.js';
import { trainNets } from '../train-population.js';
import { transformsOf } from '../transforms.js';

interface RunOptions extends DataOptions, Omit<ComputeOptions, 'threads'> {
  readonly preset: PresetName | 'auto';
  readonly nets?: number;
  readonly epochs?: number;
  readonly seed: number;
  readonly workers?: number;
  readonly out?: string;
  readonly sweep: boolean;
  readonly retrainDamaged?: boolean;
  readonly json?: boolean;
}

/** Drawn digits only show that everything works, so a smaller set of them does. */
const syntheticCounts = { train: 20_000, test: 5_000 };

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .description(
      'the whole experiment: data, augmentation, learning-rate sweep, a committee, its vote, its mistakes, a report',
    )
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
      'nets trained at once, one process each',
      positiveInteger,
      availableParallelism(),
    )
    .option(
      '--out <folder>',
      'where nets and report go (default: runs/<preset>); an interrupted run goes on there',
    )
    .option('--no-sweep', 'leave out the learning-rate sweep')
    .option(
      '--retrain-damaged',
      'verify the nets of an earlier run first, set damaged ones aside and train them again',
    )
    .addOption(new Option('--engine <name>', 'what trains').choices(['auto', 'onnx', 'tfjs']).default('auto'))
    .option('--device <name>', 'device of the engine');
  addLimitOption(addDataOptions(command)).option(
    '--json',
    'print one JSON object on stdout and the story on stderr',
  );
  command.action(run);
}

async function run(options: RunOptions): Promise<void> {
  const started = performance.now();
  const terminal = openTerminal({ json: options.json === true });
  const machine = machineFacts();
  const engine = await chooseEngine(options);
  const { preset, why } = choosePreset(options, engine.choice.device === 'cuda');
  const workers = options.workers ?? defaultWorkers(engine.choice);

  terminal.heading('1  Machine and plan');
  terminal.line(`  ${machine.description}`);
  terminal.line(`  engine ${engine.choice.kind} on ${engine.choice.device}: ${engine.reason}`);
  terminal.line(`  preset ${preset.name}: ${why}`);
  terminal.line(`    ${preset.description}`);

  terminal.heading('2  Data');
  const data = await findDatasets(terminal, { ...options, substitute: mayDraw(options), syntheticCounts });
  const config: MemberConfig = { ...preset.member, dataset: data.choice, engine: engine.choice };
  const folder = resolve(options.out ?? join('runs', folderName(options, preset, data)));
  await checkFolder(join(folder, 'population'), config, options.seed);
  const lane = await openEngine(engine.choice, 1);
  await tellDurations(terminal, preset, lane, data, workers);

  terminal.heading('3  Augmentation');
  terminal.line(
    augmentationFigure(data, config.augmentation, options.seed).toTerminal(terminal.figureOptions),
  );

  let sweep: LrFindResult | undefined;
  if (options.sweep) {
    terminal.heading('4  Learning-rate sweep');
    sweep = await sweepLearningRate(config, data, options.seed, availableParallelism());
    const found = Object.entries(sweep.suggestions).map(
      ([name, rate]) => `${name} ${rate === undefined ? 'none' : rate.toExponential(1)}`,
    );
    terminal.line(`  suggestions: ${found.join(', ')}; the preset uses ${scheduleText(config)}`);
  }

  terminal.heading(`5  Training ${preset.nets} nets, ${Math.min(workers, preset.nets)} at a time`);
  await trainNets({
    folder: join(folder, 'population'),
    count: preset.nets,
    config,
    seed: options.seed,
    workers,
    threads: 1,
    title: netTitle(config.net),
    retrainDamaged: options.retrainDamaged ?? false,
  });

  terminal.heading('6  The committee votes');
  const population = await openPopulation(join(folder, 'population'));
  const wanted = population.members.filter(({ index }) => index < preset.nets);
  const results = await evaluateCommittee({ ...population, members: wanted }, data.test);
  const label = data.choice.kind === 'synthetic' ? 'SYNTHETIC digits' : data.title;
  const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
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
  if (results.mistakes.length === 0) terminal.line('  none');
  else
    terminal.line(
      mistakesFigure(data, results.mistakes.slice(0, 12), 'the committee (most confident first)').toTerminal(
        terminal.figureOptions,
      ),
    );

  terminal.heading('8  Report');
  const histories: MemberHistory[] = [];
  for (const member of wanted)
    histories.push({
      index: member.index,
      ...((await member.readHistory()) as unknown as Omit<MemberHistory, 'index'>),
    });
  const report = {
    data,
    config,
    presetDescription: preset.description,
    seed: options.seed,
    results,
    sweep,
    histories,
    machine,
    engineName: lane.name,
    duration: performance.now() - started,
    command: commandLine(options, preset, config),
  };
  const files = await writeRunReport(join(folder, 'report'), report);
  terminal.line(`  ${files.length} files in ${join(folder, 'report')}; open index.html`);
  terminal.result(
    { ...resultsJson(report), report: join(folder, 'report', 'index.html'), population: population.folder },
    `\n${label}: the committee of ${results.members.length} is right on ${accuracyWithInterval(results)}, ${formatDuration(report.duration)} in all.`,
  );
}

/** Drawn digits stand in only for what nobody named: not for a folder, another data set or a training of days. */
function mayDraw({ dataDir, dataset, preset }: RunOptions): boolean {
  return dataDir === undefined && dataset === 'mnist' && (preset === 'auto' || preset === 'quick');
}

/** What tells a run from others goes into the name of its folder. */
function folderName(options: RunOptions, preset: Preset, data: Datasets): string {
  const parts: string[] = [preset.name];
  if (data.choice.kind === 'synthetic') parts.push('synthetic');
  else if (data.choice.name !== 'mnist') parts.push(data.choice.name);
  if (options.limit !== undefined) parts.push(`${options.limit}-images`);
  if (options.epochs !== undefined) parts.push(`${options.epochs}-epochs`);
  if (options.seed !== 1) parts.push(`seed-${options.seed}`);
  return parts.join('-');
}

/** Says at once, not after minutes, that a folder holds another run. */
async function checkFolder(folder: string, config: MemberConfig, seed: number): Promise<void> {
  if (!existsSync(join(folder, 'manifest.json'))) return;
  const manifest = await readManifest(folder);
  if (manifest.seed === seed && isDeepStrictEqual(manifest.config, JSON.parse(JSON.stringify(config))))
    return;
  throw new UsageError(
    `${folder} holds a run with another seed or other options. Name another folder with --out, or delete that one.`,
  );
}

function choosePreset(options: RunOptions, cuda: boolean): { preset: Preset; why: string } {
  const name: PresetName = options.preset === 'auto' ? (cuda ? 'paper' : 'quick') : options.preset;
  const why =
    options.preset !== 'auto'
      ? 'as you asked'
      : cuda
        ? 'the machine trains on CUDA'
        : 'without CUDA the full experiment would take days (--preset paper)';
  const base = presets[name];
  return {
    preset: {
      ...base,
      nets: options.nets ?? base.nets,
      member: { ...base.member, epochs: options.epochs ?? base.member.epochs },
    },
    why,
  };
}

async function tellDurations(
  terminal: Terminal,
  chosen: Preset,
  engine: Awaited<ReturnType<typeof openEngine>>,
  data: Datasets,
  workers: number,
): Promise<void> {
  const count = data.train.labels.shape[0]!;
  const all = Object.values(presets).map((preset) => (preset.name === chosen.name ? chosen : preset));
  const bar = startProgress({ label: 'timing a few steps of each preset', total: all.length });
  const rows: string[][] = [];
  for (const preset of all) {
    bar.update(rows.length, preset.name);
    rows.push([
      `${preset.name === chosen.name ? '> ' : '  '}${preset.name}`,
      `${preset.nets} nets of ${netTitle(preset.member.net)}`,
      `about ${formatDuration(await estimateDuration(preset, engine, count, workers))}`,
    ]);
  }
  bar.finish();
  terminal.line(formatTable(['  preset', 'what', 'training time here'], rows, 2));
}

async function sweepLearningRate(
  config: MemberConfig,
  data: Datasets,
  seed: number,
  threads: number,
): Promise<LrFindResult> {
  const steps = 150;
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
      engine: await openEngine(config.engine, threads),
      data: source,
      steps,
      // The smoothing of the full sweep (half-life 10 of 500 steps), scaled to this shorter one.
      halfLife: steps / 50,
      seed,
      onStep: ({ step, learningRate }) => bar.update(step + 1, `lr ${learningRate.toExponential(1)}`),
    });
    bar.finish(
      `${result.points.length} steps${result.stoppedEarly ? ', stopped where the loss ran away' : ''}`,
    );
    return result;
  } finally {
    model.dispose();
  }
}

function scheduleText({ schedule }: MemberConfig): string {
  return schedule.kind === 'oneCycle'
    ? `one cycle up to ${schedule.peak.toExponential(0)}`
    : `${schedule.start.toExponential(0)} falling to ${schedule.end.toExponential(0)}`;
}

/** The command that repeats a run, with what was chosen for it. */
function commandLine(options: RunOptions, preset: Preset, config: MemberConfig): string {
  const { dataset, engine } = config;
  const parts = [
    `example-mnist run --preset ${preset.name} --nets ${preset.nets} --epochs ${preset.member.epochs} --seed ${options.seed}`,
    `--engine ${engine.kind} --device ${engine.device}`,
  ];
  if (dataset.kind === 'synthetic') parts.push('--synthetic');
  else if (dataset.name !== 'mnist') parts.push(`--dataset ${dataset.name}`);
  if (options.limit !== undefined) parts.push(`--limit ${options.limit}`);
  if (!options.sweep) parts.push('--no-sweep');
  return parts.join(' ');
}
