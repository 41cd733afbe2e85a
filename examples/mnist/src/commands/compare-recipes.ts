import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exists, writeFileDurably } from '@mnist/kit/files';
import { openPopulation } from '@mnist/population';
import { type Command, Option } from 'commander';
import ndarray from 'ndarray';
import { compareRecipes, type RecipeArm, type RecipeScore } from '../experiment/compare-recipes.js';
import type { MemberConfig } from '../experiment/config.js';
import { findDatasets } from '../experiment/datasets.js';
import { holdOutOf } from '../experiment/hold-out.js';
import { type PresetName, presets } from '../experiment/presets.js';
import { readArms } from '../experiment/recipe-arms.js';
import { trainPopulationHere } from '../experiment/train-population.js';
import { lanesFor } from '../machine/devices.js';
import { chooseEngine } from '../machine/engines.js';
import { UsageError } from '../ui/errors.js';
import { recipesFigure, writePng } from '../ui/figures.js';
import { formatTable } from '../ui/table.js';
import { openTerminal } from '../ui/terminal.js';
import {
  addDataOptions,
  addEngineOption,
  addJsonOption,
  type DataOptions,
  type EngineOptions,
  positiveInteger,
  seedNumber,
} from './_options.js';

interface CompareOptions extends DataOptions, EngineOptions {
  readonly arms: string;
  readonly preset: PresetName;
  readonly blocks: number;
  readonly pairs: number;
  readonly seed: number;
  readonly workers?: number;
  readonly train: boolean;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .requiredOption(
      '--arms <file>',
      "JSON: the recipes by name, each with what differs from the preset; the first is the others' yardstick",
    )
    .addOption(
      new Option('--preset <name>', 'what the recipes start from')
        .choices(Object.keys(presets))
        .default('compact'),
    )
    .option(
      '--blocks <n>',
      'contiguous blocks of training images, one of which each pair leaves out',
      positiveInteger,
      6,
    )
    .option('--pairs <n>', 'pairs of nets a recipe', positiveInteger, 3)
    .option('--seed <n>', 'decides the nets', seedNumber, 1)
    .option('--workers <n>', 'nets trained at once (default: one a core, or one on a GPU)', positiveInteger)
    .option('--no-train', 'compare what is trained already');
  addJsonOption(addEngineOption(addDataOptions(command, 'train')));
  command.action(async (folder: string, options: CompareOptions) => {
    const terminal = openTerminal({ json: options.json === true });
    const arms = readArms(options.arms, await readFile(options.arms, 'utf8'));
    const { verdict } = await chooseEngine(options);
    const data = await findDatasets(terminal, options);
    const configs = Object.entries(arms).map(([name, changes]): [string, MemberConfig] => [
      name,
      {
        ...presets[options.preset].member,
        ...changes,
        dataset: data.choice,
        holdOut: { blocks: options.blocks },
        engine: verdict.name,
      },
    ]);
    const folderOf = (name: string) => join(resolve(folder), name);

    const lanes = await lanesFor(verdict, options.workers);
    // Pair by pair, not recipe by recipe: a search that is cut short has compared like with like.
    for (let pairs = 1; options.train && pairs <= options.pairs; pairs++) {
      for (const [name, config] of configs) {
        await trainPopulationHere({
          folder: folderOf(name),
          count: Math.max(2 * pairs, await netsIn(folderOf(name))),
          config,
          seed: options.seed,
          ...lanes,
          threads: 1,
          title: `${name}, pair ${pairs}`,
        });
      }
    }

    const compared: RecipeArm[] = [];
    for (const [name] of configs) {
      if ((await netsIn(folderOf(name))) > 0) {
        compared.push({ name, pairs: await readPairs(folderOf(name), data, options.blocks) });
      }
    }
    const scores = compareRecipes(compared.filter(({ pairs }) => pairs.length > 0));
    if (scores.length === 0) {
      throw new UsageError(
        `${resolve(folder)} holds no complete pair of nets. Train some: leave --no-train out.`,
      );
    }
    const report = {
      synthetic: data.choice.kind === 'synthetic',
      dataset: data.title,
      blocks: options.blocks,
      seed: options.seed,
      engine: verdict.name,
      recipes: Object.fromEntries(
        configs.map(([name, { dataset: _, engine: __, ...recipe }]) => [name, recipe]),
      ),
      scores,
    };
    await writeFileDurably(join(resolve(folder), 'comparison.json'), `${JSON.stringify(report, null, 2)}\n`);
    const figure = recipesFigure(data, scores);
    if (figure !== undefined) await writePng(join(resolve(folder), 'comparison.png'), figure);
    terminal.result(report, scoreTable(scores));
  });
}

async function netsIn(folder: string): Promise<number> {
  if (!(await exists(join(folder, 'manifest.json')))) return 0;
  return (await openPopulation(folder)).manifest.count;
}

/** The pairs of which both nets are trained. */
async function readPairs(
  folder: string,
  data: Awaited<ReturnType<typeof findDatasets>>,
  blocks: number,
): Promise<RecipeArm['pairs']> {
  const { members } = await openPopulation(folder);
  const byIndex = new Map(members.map((member) => [member.index, member]));
  const pairs: RecipeArm['pairs'][number][] = [];
  for (const first of members) {
    const second = byIndex.get(first.index + 1);
    if (first.index % 2 !== 0 || second === undefined) continue;
    const { labels } = holdOutOf({ holdOut: { blocks } }, first.index, data).test;
    const expected = Uint8Array.from({ length: labels.shape[0]! }, (_, image) => labels.get(image));
    const matrices = [await first.readProbabilities(expected), await second.readProbabilities(expected)];
    const [one, two] = matrices.map((matrix) => ndarray(matrix.data, [...matrix.shape]));
    pairs.push({ pair: first.index / 2, labels: expected, probabilities: [one!, two!] });
  }
  return pairs;
}

function scoreTable(scores: readonly RecipeScore[]): string {
  const milli = (value: number) => (value * 1000).toFixed(2);
  const rows = scores.map((score) => [
    score.name,
    String(score.pairs),
    score.netErrors.toFixed(1),
    milli(score.netLoss),
    score.pairErrors.toFixed(1),
    milli(score.pairLoss),
    milli(score.geometricPairLoss),
    ...differenceCells(score.difference),
  ]);
  return [
    'Held-out training images; errors in 10,000, losses in thousandths of a nat an image.',
    formatTable(
      [
        'recipe',
        'pairs',
        'errors',
        'loss',
        'of two',
        'loss',
        'geometric',
        'difference',
        '95 %',
        's.e.',
        'verdict',
      ],
      rows,
    ),
  ].join('\n');
}

function differenceCells(difference: RecipeScore['difference']): string[] {
  if (difference === undefined) return ['', '', '', ''];
  const milli = (value: number) => `${value < 0 ? '' : '+'}${(value * 1000).toFixed(2)}`;
  const { mean, lower, upper, standardError, verdict } = difference;
  return [
    milli(mean),
    `${milli(lower)} to ${milli(upper)}`,
    standardError === undefined ? '' : (standardError * 1000).toFixed(2),
    verdict,
  ];
}
