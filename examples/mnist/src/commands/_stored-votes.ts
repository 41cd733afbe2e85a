import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { readProbabilities } from '../experiment/committee-results.js';
import { loadDatasets, setDataDir, titleOf } from '../experiment/datasets.js';
import { configOf, openStoredPopulation } from '../nets/find-nets.js';
import { UsageError } from '../ui/errors.js';
import { addJsonOption, positiveInteger, seedNumber } from './_options.js';

/** Options of the commands that let stored nets vote. */
export interface VoteOptions {
  readonly population?: number;
  readonly trials: number;
  readonly vote: 'soft' | 'hard';
  readonly seed: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addVoteOptions(command: Command): Command {
  return addJsonOption(
    command
      .option('--population <n>', 'use the first n nets only', positiveInteger)
      .addOption(
        new Option('--vote <kind>', 'soft: mean of the softmax outputs; hard: majority')
          .choices(['soft', 'hard'])
          .default('soft'),
      )
      .option('--seed <n>', 'decides which committees are drawn', seedNumber, 1)
      .option('--data-dir <folder>', 'folder with the IDX files'),
  );
}

/** The stored probabilities of a population's nets, and the labels they are about. */
export async function openStoredVotes(folder: string, options: { population?: number; dataDir?: string }) {
  if (options.dataDir !== undefined) setDataDir(resolve(options.dataDir));
  const population = await openStoredPopulation(folder);
  const { members } = population;
  const wanted = options.population ?? members.length;
  if (wanted > members.length) {
    throw new UsageError(
      `--population ${wanted}: ${population.folder} has ${members.length} complete nets. Grow it with: example-mnist population ${folder} --count ${wanted}`,
    );
  }
  const trainedOn = configOf(population).dataset;
  const choice =
    trainedOn.kind === 'own' && options.dataDir !== undefined
      ? { ...trainedOn, place: resolve(options.dataDir) }
      : trainedOn;
  const { test } = await loadDatasets(choice);
  const labels = Uint8Array.from(
    test.labels.data.subarray(test.labels.offset, test.labels.offset + test.labels.shape[0]!),
  );
  const probabilities = await readProbabilities({ ...population, members: members.slice(0, wanted) }, labels);
  return { choice, title: titleOf(choice), labels, probabilities };
}
