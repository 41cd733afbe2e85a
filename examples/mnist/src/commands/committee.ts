import { resolve } from 'node:path';
import { accuracyInterval, agreement, committeeCurve, committeeTrials } from '@mnist/ensemble';
import { committeeCurvePlot } from '@mnist/viz';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readProbabilities } from '../committee-results.js';
import { positiveInteger, seedNumber } from '../common-options.js';
import { loadDatasets, setDataDir, titleOf } from '../datasets.js';
import { UsageError } from '../exit-codes.js';
import { dataNote, writePng } from '../figures.js';
import { configOf, openStoredPopulation } from '../nets.js';
import { openTerminal } from '../terminal.js';

interface CommitteeOptions {
  readonly population?: number;
  readonly committee?: number;
  readonly trials: number;
  readonly vote: 'soft' | 'hard';
  readonly seed: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

interface CurveOptions extends Omit<CommitteeOptions, 'committee'> {
  readonly sizes?: number[];
  readonly png?: string;
}

export function addCommitteeCommands(program: Command): void {
  common(
    program
      .command('committee <folder>')
      .description('draw random committees from a population and count their votes on the test images'),
  )
    .option(
      '--committee <n>',
      'nets in a committee (default: 35, or all where there are fewer)',
      positiveInteger,
    )
    .option('--trials <n>', 'committees to draw', positiveInteger, 7)
    .action(showTrials);
  common(program.command('curve <folder>').description('accuracy as a function of committee size'))
    .option('--sizes <list>', 'committee sizes, such as 1,5,15,35', sizeList)
    .option('--trials <n>', 'committees of each size', positiveInteger, 100)
    .option('--png <file>', 'write the curve as a picture')
    .action(showCurve);
}

function common(command: Command): Command {
  return command
    .option('--population <n>', 'use the first n nets only', positiveInteger)
    .addOption(
      new Option('--vote <kind>', 'soft: mean of the softmax outputs; hard: majority')
        .choices(['soft', 'hard'])
        .default('soft'),
    )
    .option('--seed <n>', 'decides which committees are drawn', seedNumber, 1)
    .option('--data-dir <folder>', 'folder with the IDX files')
    .option('--json', 'print one JSON object on stdout');
}

/** The stored probabilities of a population's nets, and the labels they are about. */
async function openStored(folder: string, options: { population?: number; dataDir?: string }) {
  if (options.dataDir !== undefined) setDataDir(resolve(options.dataDir));
  const population = await openStoredPopulation(folder);
  const { members } = population;
  const wanted = options.population ?? members.length;
  if (wanted > members.length) {
    throw new UsageError(
      `--population ${wanted}: ${population.folder} has ${members.length} complete nets. Grow it with: example-mnist population ${folder} --count ${wanted}`,
    );
  }
  const choice = configOf(population).dataset;
  const { test } = await loadDatasets(choice);
  const labels = Uint8Array.from(
    test.labels.data.subarray(test.labels.offset, test.labels.offset + test.labels.shape[0]!),
  );
  const probabilities = await readProbabilities({ ...population, members: members.slice(0, wanted) }, labels);
  return { choice, title: titleOf(choice), labels, probabilities };
}

async function showTrials(folder: string, options: CommitteeOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const { choice, title, labels, probabilities } = await openStored(folder, options);
  const size = options.committee ?? Math.min(35, probabilities.length);
  if (size > probabilities.length) {
    throw new UsageError(
      `--committee ${size}: only ${probabilities.length} nets to draw from. Take a smaller committee or grow the population.`,
    );
  }
  const result = committeeTrials({
    probabilities,
    labels,
    size,
    trials: options.trials,
    seed: options.seed,
    vote: options.vote,
  });
  const all = committeeTrials({
    probabilities,
    labels,
    size: probabilities.length,
    trials: 1,
    vote: options.vote,
  }).trials[0]!;
  const interval = accuracyInterval(result.mean * result.count, result.count);
  const percent = (value: number) => (value * 100).toFixed(2);
  const lines = [
    `population: ${probabilities.length} nets, ${title}, ${result.count.toLocaleString('en-US')} test images, ${options.vote} vote`,
    ...result.trials.map(
      ({ accuracy, errors }, trial) =>
        `committee of ${size}, trial ${trial + 1}: ${percent(accuracy)} % (${errors} errors)`,
    ),
    `mean ${(result.mean * 100).toFixed(3)} %, min ${percent(result.min)} %, max ${percent(result.max)} %, standard deviation ${Number.isNaN(result.standardDeviation) ? 'unknown (one trial)' : (result.standardDeviation * 100).toFixed(3)}`,
    `95 % interval of the mean for n = ${result.count.toLocaleString('en-US')}: ${percent(interval.lower)} to ${percent(interval.upper)} %`,
    `all ${probabilities.length} nets: ${percent(all.accuracy)} % (${all.errors} errors)`,
  ];
  terminal.result(
    {
      synthetic: choice.kind === 'synthetic',
      dataset: title,
      ...result,
      interval,
      all,
      agreement: probabilities.length > 1 ? agreement(probabilities, labels) : undefined,
    },
    lines.join('\n'),
  );
}

async function showCurve(folder: string, options: CurveOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const { choice, title, labels, probabilities } = await openStored(folder, options);
  const tooLarge = options.sizes?.find((size) => size > probabilities.length);
  if (tooLarge !== undefined)
    throw new UsageError(`--sizes: ${tooLarge} is more than the ${probabilities.length} nets there are.`);
  const curve = committeeCurve({
    probabilities,
    labels,
    sizes: options.sizes,
    trials: options.trials,
    seed: options.seed,
    vote: options.vote,
  });
  const figure = committeeCurvePlot({
    points: curve.points,
    count: curve.count,
    confidence: 0.95,
    subtitle: `${title}: ${options.trials} random committees of each size from ${probabilities.length} nets, ${options.vote} vote`,
    note: dataNote({ choice }),
  });
  if (options.png) await writePng(options.png, figure);
  if (!options.json) terminal.line(figure.toTerminal(terminal.figureOptions));
  const percent = (value: number) => (value * 100).toFixed(3);
  terminal.result(
    { synthetic: choice.kind === 'synthetic', dataset: title, ...curve },
    curve.points
      .map(
        ({ size, mean, lower, upper }) =>
          `  ${String(size).padStart(4)} nets: ${percent(mean)} %, 95 % of committees within ${percent(lower)} to ${percent(upper)}`,
      )
      .join('\n'),
  );
}

function sizeList(text: string): number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1))
    throw new InvalidArgumentError('Expected whole numbers, such as 1,5,15,35.');
  return sizes;
}
