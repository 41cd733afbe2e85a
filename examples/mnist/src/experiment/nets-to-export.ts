import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, ifExists } from '@mnist/kit/files';
import type { CommitteeFile } from '../nets/committee-file.js';
import {
  configFile,
  configOf,
  findNets,
  openStoredPopulation,
  resultFile,
  type StoredTraining,
  type TrainingResult,
} from '../nets/find-nets.js';
import { DamagedFileError, UsageError } from '../ui/errors.js';
import type { MemberConfig } from './config.js';

/** A trained net in its folder, in full precision, and what is known of it. */
export type NetToExport = Omit<CommitteeFile['nets'][number], 'errors' | 'files'> & {
  readonly folder: string;
};

export interface NetsToExport {
  readonly nets: readonly NetToExport[];
  readonly dataset: MemberConfig['dataset'];
  readonly recipe: CommitteeFile['recipe'];
  readonly seed: number;
}

/** The nets of a population, or the one of a `train`, which is a committee of one. */
export async function netsToExport(folder: string): Promise<NetsToExport> {
  return (await exists(join(folder, configFile))) ? oneNet(folder) : populationOf(folder);
}

async function populationOf(folder: string): Promise<NetsToExport> {
  const population = await openStoredPopulation(folder);
  const { dataset, engine: _, holdOut, ...recipe } = configOf(population);
  if (holdOut !== undefined) refusePart(population.folder);
  const nets = population.members.map(async (member): Promise<NetToExport> => {
    const [verified, { seed }, metrics, environment] = await Promise.all([
      member.verifiedFolder(),
      member.readConfig(),
      member.readMetrics(),
      member.readEnvironment(),
    ]);
    return {
      folder: verified,
      name: nameOf(member.index),
      index: member.index,
      seed,
      computedBy: String(environment.engine ?? 'unknown'),
      errorsInFullPrecision: metrics.testErrors ?? Number.NaN,
    };
  });
  return { nets: await Promise.all(nets), dataset, recipe, seed: population.manifest.seed };
}

async function oneNet(folder: string): Promise<NetsToExport> {
  const { config } = await findNets(folder);
  const { dataset, engine: _, seed, heldOut, teachers, labelShare, ...recipe } = config as StoredTraining;
  if (heldOut > 0) refusePart(folder);
  const { errors, computedBy } = await readResult(folder);
  return {
    nets: [{ folder, name: nameOf(0), index: 0, seed, computedBy, errorsInFullPrecision: errors }],
    dataset,
    recipe: { ...recipe, ...(teachers && { distillation: { teachers, labelShare: labelShare! } }) },
    seed,
  };
}

async function readResult(folder: string): Promise<TrainingResult> {
  const path = join(folder, resultFile);
  const remedy = 'Repeat the command that trained the net, which tests it anew and writes the file.';
  const stored = await ifExists(readFile(path, 'utf8'));
  if (stored === undefined) throw new UsageError(`${path}: there is no such file. ${remedy}`);
  try {
    const { errors, computedBy } = JSON.parse(stored) as Partial<TrainingResult>;
    if (Number.isSafeInteger(errors) && typeof computedBy === 'string')
      return { errors: errors!, computedBy };
  } catch {
    // The message below says what to do in both cases.
  }
  throw new DamagedFileError(`${path} is damaged: it does not say what came of the training. ${remedy}`);
}

const nameOf = (index: number) => String(index).padStart(3, '0');

function refusePart(folder: string): never {
  throw new UsageError(
    `${folder} holds what was trained to compare recipes, without a part of the training images.`,
  );
}
