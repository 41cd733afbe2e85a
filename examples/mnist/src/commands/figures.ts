import { writeFileDurably } from '@mnist/kit/files';
import type { Command } from 'commander';
import { type PopulationFigures, populationFigures, type Spread } from '../experiment/population-figures.js';
import { openStoredPopulation } from '../nets/find-nets.js';
import { openTerminal } from '../ui/terminal.js';
import { positiveInteger, seedNumber } from './_options.js';
import { openStoredVotes } from './_stored-votes.js';

interface FiguresOptions {
  readonly population?: number;
  readonly trials: number;
  readonly seed: number;
  readonly dataDir?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .option('--population <n>', 'use the first n nets only', positiveInteger)
    .option('--trials <n>', 'random committees of each size', positiveInteger, 1000)
    .option('--seed <n>', 'decides which committees are drawn', seedNumber, 1)
    .option('--data-dir <folder>', 'folder with the IDX files')
    .option('--out <file>', 'write everything as JSON')
    .option('--json', 'print one JSON object on stdout, and everything else on stderr');
  command.action(async (folder: string, options: FiguresOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const { choice, title, labels, probabilities } = await openStoredVotes(folder, options);
    const population = await openStoredPopulation(folder);
    const members = population.members.slice(0, probabilities.length);
    const environments = await Promise.all(members.map((member) => member.readEnvironment()));
    const seconds = environments.map(
      (environment) => Number(environment.seconds) * Number(environment.threads),
    );
    const figures = populationFigures(probabilities, labels, {
      trials: options.trials,
      seed: options.seed,
      mnistTest: choice.kind === 'published' && choice.name === 'mnist',
    });
    const report = {
      synthetic: choice.kind === 'synthetic',
      dataset: title,
      config: population.manifest.config,
      seed: population.manifest.seed,
      computedBy: [...new Set(environments.map(({ engine }) => String(engine)))],
      /** Of all steps that led to the nets; what interruptions threw away, testing and checkpoints are not in it. */
      coreHours: seconds.reduce((sum, value) => sum + value, 0) / 3600,
      ...figures,
    };
    if (options.out) await writeFileDurably(options.out, `${JSON.stringify(report, null, 2)}\n`);
    terminal.result(report, describe(title, figures));
  });
}

function describe(title: string, { images, nets, disjoint, random, all }: PopulationFigures): string {
  const doubtful = all.mistakes.filter(({ doubtfulLabel }) => doubtfulLabel).length;
  const percent = (share: number, digits = 2) => (share * 100).toFixed(digits);
  return [
    `${nets.count} nets, ${title}, ${images.toLocaleString('en-US')} test images, mean of probabilities`,
    `  single nets: ${spreadText(nets)}`,
    ...disjoint.map(
      ({ size, ...spread }) =>
        `  ${spread.count} disjoint committee${spread.count === 1 ? '' : 's'} of ${size}: ${spreadText(spread)}`,
    ),
    ...random
      .filter(({ size }) => size > 1 && size < nets.count)
      .map(
        ({ size, trials, mean, standardDeviation }) =>
          `  ${trials} random committees of ${size}: mean ${percent(mean, 3)} %, resampling spread ${percent(standardDeviation, 3)}`,
      ),
    `  all ${all.size}: ${percent(all.accuracy)} %, ${all.errors} errors (95 % interval ${percent(all.interval.lower)} to ${percent(all.interval.upper)})${doubtful > 0 ? `; ${doubtful} of the errors have labels that are known to be doubtful` : ''}`,
  ].join('\n');
}

function spreadText({ count, mean, standardDeviation, errors }: Spread): string {
  const deviation = standardDeviation === undefined ? '' : ` ± ${standardDeviation.toFixed(3)}`;
  return `${mean.toFixed(3)}${deviation} % (n = ${count}; ${Math.min(...errors)} to ${Math.max(...errors)} errors)`;
}
