import { accuracyInterval, agreement, committeeTrials } from '@mnist/ensemble';
import type { Command } from 'commander';
import { UsageError } from '../ui/errors.js';
import { openTerminal } from '../ui/terminal.js';
import { positiveInteger } from './_options.js';
import { addVoteOptions, openStoredVotes, type VoteOptions } from './_stored-votes.js';

interface CommitteeOptions extends VoteOptions {
  readonly committee?: number;
}

export function define(command: Command): void {
  command
    .option(
      '--committee <n>',
      'nets in a committee (default: 35, or all where there are fewer)',
      positiveInteger,
    )
    .option('--trials <n>', 'committees to draw', positiveInteger, 7);
  addVoteOptions(command).action(showTrials);
}

async function showTrials(folder: string, options: CommitteeOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const { choice, title, labels, probabilities } = await openStoredVotes(folder, options);
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
