import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadModel } from '@mnist/models';
import { openPopulation } from '@mnist/population';
import type { TrainingSession } from '@mnist/train';
import { openEngine, useModelBackend } from './engines.js';
import { UsageError } from './exit-codes.js';
import type { EngineChoice, MemberConfig } from './member-config.js';

/** Written beside a net by `train`: how it was made, and so how it wants to be tested. */
export const configFile = 'training.json';

/** One or more trained nets and how they were trained. */
export interface TrainedNets {
  readonly folders: readonly string[];
  readonly config: MemberConfig;
}

/** Finds the nets in a folder: a net saved by `train`, or a population (of `run` or `population`). */
export async function findNets(folder: string): Promise<TrainedNets> {
  const root = resolve(folder);
  if (await exists(join(root, configFile))) {
    return {
      folders: [root],
      config: JSON.parse(await readFile(join(root, configFile), 'utf8')) as MemberConfig,
    };
  }
  for (const place of [root, join(root, 'population')]) {
    if (!(await exists(join(place, 'manifest.json')))) continue;
    const population = await openPopulation(place);
    if (population.members.length === 0)
      throw new UsageError(`${place} has no complete net yet. Train it first.`);
    const folders = await Promise.all(population.members.map((member) => member.verifiedFolder()));
    return { folders, config: population.manifest.config as unknown as MemberConfig };
  }
  throw new UsageError(
    `${root} holds no net: neither ${configFile} of 'train' nor manifest.json of 'run' or 'population'. Name the folder that one of them wrote.`,
  );
}

/** Opens a saved net for prediction. Dispose the session when done. */
export async function openNet(
  folder: string,
  engine: EngineChoice,
  threads: number,
): Promise<TrainingSession> {
  await useModelBackend();
  const model = await loadModel(folder);
  try {
    return await (await openEngine(engine, threads)).open(model, { batchSize: 100 });
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
