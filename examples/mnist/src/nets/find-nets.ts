import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TrainingSession } from '@mnist/engine';
import { loadModel } from '@mnist/models';
import { openPopulation, type Population } from '@mnist/population';
import { augmentationNames, type MemberConfig } from '../experiment/config.js';
import { openEngine, useModelBackend } from '../machine/engines.js';
import { DamagedFileError, UsageError } from '../ui/errors.js';
import { committeeFile, parseCommitteeFile } from './committee-file.js';

/** Written beside a net by `train`: how it was made, and so how it wants to be tested. */
export const configFile = 'training.json';

/** One or more trained nets and how they were trained. */
export interface TrainedNets {
  readonly folders: readonly string[];
  /** The nets' numbers in their population. */
  readonly indices: readonly number[];
  readonly config: Omit<MemberConfig, 'engine'>;
}

/** Finds the nets in a folder: a net saved by `train`, a population (of `run` or `population`), or what `export` wrote. */
export async function findNets(folder: string): Promise<TrainedNets> {
  const root = resolve(folder);
  const path = join(root, configFile);
  if (await exists(path)) {
    const config = readConfig(path, await readFile(path, 'utf8'));
    if (!(await exists(join(root, 'model.json')))) {
      throw new UsageError(`${root}: the training there is not complete. Repeat its command to finish it.`);
    }
    return { folders: [root], indices: [0], config };
  }
  const exported = join(root, committeeFile);
  if (await exists(exported)) {
    const { nets, recipe, dataset } = parseCommitteeFile(exported, await readFile(exported, 'utf8'));
    return {
      folders: nets.map(({ name }) => join(root, name)),
      indices: nets.map(({ index }) => index),
      config: { ...recipe, dataset },
    };
  }
  const population = await openStoredPopulation(root);
  const folders = await Promise.all(population.members.map((member) => member.verifiedFolder()));
  const indices = population.members.map(({ index }) => index);
  return { folders, indices, config: configOf(population) };
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
    `${root} holds no net. Name a folder that \`train\`, \`run\` or \`population\` wrote.`,
  );
}

/** How the nets of a population of this program were trained. */
export function configOf({ folder, manifest }: Population): MemberConfig {
  return readConfig(join(folder, 'manifest.json'), JSON.stringify(manifest.config));
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
    throw new DamagedFileError(
      `${path}: does not say how the nets were trained (dataset, net, augmentation). Was it written by another program?`,
    );
  }
  return config as MemberConfig;
}

/** Opens a saved net for prediction. Dispose the session when done. */
export async function openNet(folder: string, engineName: string, threads: number): Promise<TrainingSession> {
  await useModelBackend();
  const model = await loadModel(folder);
  try {
    return await (await openEngine(engineName, threads)).open(model, { batchSize: 100 });
  } finally {
    model.dispose();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
