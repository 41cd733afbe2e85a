import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainingSession } from '@mnist/engine';
import { exists } from '@mnist/kit/files';
import { loadModel } from '@mnist/models';
import { openPopulation, type Population } from '@mnist/population';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { augmentationNames, type MemberConfig } from '../experiment/config.js';
import { titleOf } from '../experiment/datasets.js';
import { openEngine, useModelBackend } from '../machine/engines.js';
import { DamagedFileError, ForeignFileError, UsageError } from '../ui/errors.js';
import { classNamesOf } from './class-names.js';
import { type CommitteeFile, committeeFile, parseCommitteeFile } from './committee-file.js';

/** Written beside a net by `train`: how it was made, and so how it wants to be tested. */
export const configFile = 'training.json';

/** What stands in it. */
export interface StoredTraining extends MemberConfig {
  readonly seed: number;
  /** Training images that the net never saw, and was tested on. */
  readonly heldOut: number;
  /** SHA-256 of the weights of the nets that taught it. */
  readonly teachers?: readonly string[];
  readonly labelShare?: number;
}

/** Written beside a net by `train` when it is complete: what came of it. */
export const resultFile = 'result.json';

export interface TrainingResult {
  readonly errors: number;
  readonly computedBy: string;
}

export interface TrainedNet {
  /** Folder, `.json` file or web address; of a shipped net its name. */
  readonly place: string;
  readonly load: () => Promise<LayersModel>;
}

/** One or more trained nets and how they were trained. */
export interface TrainedNets {
  readonly members: readonly TrainedNet[];
  /** Where they were found, as it was named. */
  readonly from: string;
  readonly config: Pick<MemberConfig, 'dataset' | 'augmentation'>;
  /** Set where nothing beside the net says how it was trained; `config` is then a guess, and this text says which. */
  readonly assumption?: string;
  /** What an exported committee achieved, image by image, when it was exported. */
  readonly recorded?: CommitteeFile;
}

/** What a net is taken for that only `saveModel` wrote. */
const assumed: TrainedNets['config'] = {
  dataset: { kind: 'published', name: 'mnist' },
  augmentation: 'exact',
};

/**
 * Finds the nets of a place: what `train`, `run`, `population` or `export` wrote, one net of a population, or whatever
 * `saveModel` or TensorFlow.js saved.
 *
 * @param place a folder, its `model.json`, a `file:` URL or a web address
 */
export async function findNets(place: string): Promise<TrainedNets> {
  if (/^https?:/i.test(place)) return bareNet(place);
  const path = resolve(/^file:/i.test(place) ? pathOf(place) : place);
  const named = /\.json$/i.test(path);
  if (named && !(await exists(path))) throw new UsageError(`${path}: there is no such file.`);
  // A model under a name of its own has no training beside it.
  if (named && !['model.json', 'manifest.json', configFile].includes(basename(path))) return bareNet(path);
  const root = named ? dirname(path) : path;
  const hasModel = await exists(join(root, 'model.json'));
  const training = join(root, configFile);
  if (await exists(training)) {
    const config = readConfig(training, await readFile(training, 'utf8'));
    if (!hasModel) {
      throw new UsageError(`${root}: the training there is not complete. Repeat its command to finish it.`);
    }
    return { ...savedNets([root], place), config };
  }
  const exported = join(root, committeeFile);
  if (await exists(exported)) {
    const recorded = parseCommitteeFile(exported, await readFile(exported, 'utf8'));
    const folders = recorded.nets.map(({ name }) => join(root, name));
    return {
      ...savedNets(folders, place),
      config: { ...recorded.recipe, dataset: recorded.dataset },
      recorded,
    };
  }
  if (hasModel) {
    const config = await memberConfig(join(root, 'config.json'));
    return config ? { ...savedNets([root], place), config } : bareNet(root);
  }
  const population = await openStoredPopulation(root);
  const folders = await Promise.all(population.members.map((member) => member.verifiedFolder()));
  return { ...savedNets(folders, place), config: configOf(population) };
}

/** @param places what `loadModel` takes */
export function savedNets(places: readonly string[], from: string): Pick<TrainedNets, 'members' | 'from'> {
  return { members: places.map((place) => ({ place, load: () => loadModel(place) })), from };
}

function bareNet(place: string): TrainedNets {
  return {
    ...savedNets([place], place),
    config: assumed,
    assumption: `${place} does not say how it was trained: taken for a net of MNIST, shown the centred view.`,
  };
}

/** Opens a population; it has at least one complete net. */
export async function openStoredPopulation(folder: string): Promise<Population> {
  const population = await openPopulation(await populationFolder(folder));
  if (population.members.length > 0) return population;
  throw new UsageError(`${population.folder} has no complete net yet. Repeat the command that began it.`);
}

/** The folder itself when it is a population, or the one that `run` keeps inside its own. */
export async function populationFolder(folder: string): Promise<string> {
  const root = resolve(folder);
  for (const place of [root, join(root, 'population')]) {
    if (await exists(join(place, 'manifest.json'))) return place;
  }
  throw new UsageError(
    `${root} holds no net. Name a folder that \`train\`, \`run\`, \`population\` or saveModel wrote, or a model.json.`,
  );
}

/** How the nets of a population of this program were trained. */
export function configOf({ folder, manifest }: Population): MemberConfig {
  return readConfig(join(folder, 'manifest.json'), JSON.stringify(manifest.config));
}

/** How a population's net was trained; undefined where the file is none of ours. */
async function memberConfig(path: string): Promise<MemberConfig | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { recipe, config } = JSON.parse(text) as { recipe?: { name?: unknown }; config?: unknown };
    return recipe?.name === 'example-mnist' ? readConfig(path, JSON.stringify(config)) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readConfig(path: string, text: string): MemberConfig {
  let config: Partial<MemberConfig> | null;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new DamagedFileError(
      `${path}: not readable as JSON (${(error as Error).message}). Train the net again, or restore the file.`,
    );
  }
  const augmentations: readonly unknown[] = augmentationNames;
  if (!config?.dataset?.kind || !config.net?.name || !augmentations.includes(config.augmentation)) {
    throw new ForeignFileError(
      `${path}: does not say how the nets were trained (dataset, net, augmentation). Was it written by another program?`,
    );
  }
  return config as MemberConfig;
}

/** Opens one of the nets for prediction. Dispose the session when done. */
export async function openNet(
  { config }: Pick<TrainedNets, 'config'>,
  net: TrainedNet,
  engineName: string,
  threads: number,
): Promise<TrainingSession> {
  await useModelBackend();
  const model = await net.load();
  try {
    const classes = classNamesOf(config.dataset).length;
    const [input, output] = [model.inputs, model.outputs].map((ends) => ends.map(({ shape }) => shape));
    const fits =
      input!.length === 1 && output!.length === 1 && input![0]!.length === 4 && input![0]![3] === 1;
    if (!fits || output![0]!.at(-1) !== classes) {
      throw new UsageError(
        `${net.place}: a net from ${shapes(input!)} to ${shapes(output!)}; expected one from [null,28,28,1] to [null,${classes}], the classes of ${titleOf(config.dataset)}. Name the data set that it was trained on with --dataset.`,
      );
    }
    return await (await openEngine(engineName, threads)).open(model, { batchSize: 100 });
  } finally {
    model.dispose();
  }
}

const shapes = (all: readonly unknown[]): string => all.map((shape) => JSON.stringify(shape)).join(', ');

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new UsageError(
      `${url}: ${(cause as Error).message}. Expected a file: URL such as file:///home/me/net, or a path.`,
      { cause },
    );
  }
}
