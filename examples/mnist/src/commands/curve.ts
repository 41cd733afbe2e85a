import { committeeCurve } from '@mnist/ensemble';
import { committeeCurvePlot } from '@mnist/viz';
import type { Command } from 'commander';
import { UsageError } from '../ui/errors.js';
import { dataNote, writePng } from '../ui/figures.js';
import { openTerminal } from '../ui/terminal.js';
import { integerList, positiveInteger } from './_options.js';
import { addVoteOptions, openStoredVotes, type VoteOptions } from './_stored-votes.js';

interface CurveOptions extends VoteOptions {
  readonly sizes?: number[];
  readonly png?: string;
}

export function define(command: Command): void {
  command
    .option('--sizes <list>', 'committee sizes, such as 1,5,15,35', integerList)
    .option('--trials <n>', 'committees of each size', positiveInteger, 100)
    .option('--png <file>', 'write the curve as a picture');
  addVoteOptions(command).action(showCurve);
}

async function showCurve(folder: string, options: CurveOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const { choice, title, labels, probabilities } = await openStoredVotes(folder, options);
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
