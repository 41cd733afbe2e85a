import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accuracy, accuracyInterval, misclassified } from '@mnist/ensemble';
import { exists, writeFileDurably } from '@mnist/kit/files';
import { loadModel, saveModel } from '@mnist/models';
import type { Population, PopulationMember } from '@mnist/population';
import { useModelBackend } from '../machine/engines.js';
import { type CommitteeFile, committeeFile } from '../nets/committee-file.js';
import { configOf, savedNets } from '../nets/find-nets.js';
import { voteOnDataset } from '../nets/vote-on-dataset.js';
import { datasetChecksum } from './dataset-checksum.js';
import type { Datasets } from './datasets.js';

export interface ExportOptions {
  readonly population: Population;
  readonly data: Datasets;
  readonly out: string;
  /** Tests the nets as they were exported: rounding to half precision moves an answer now and then. */
  readonly engine: string;
  readonly threads: number;
}

/**
 * Writes the nets of a population to be shipped: each in half precision in a folder of its own that TensorFlow.js reads, and
 * `committee.json` with where they come from, their checksums, and what they achieve as they lie there. Into the folder of an
 * earlier export it takes that one's place, nets that are no longer there included.
 */
export async function exportCommittee(options: ExportOptions): Promise<CommitteeFile> {
  const { population, data, out, engine, threads } = options;
  const config = configOf(population);
  const { dataset, engine: _, ...recipe } = config;
  const replaces = await exists(join(out, committeeFile));
  await useModelBackend();
  const nets: Omit<CommitteeFile['nets'][number], 'errors'>[] = [];
  for (const member of population.members) nets.push(await exportNet(member, out));
  const names = nets.map(({ name }) => name);
  if (replaces) {
    const old = (await readdir(out)).filter((name) => /^\d{3,}$/.test(name) && !names.includes(name));
    for (const name of old) await rm(join(out, name), { recursive: true });
  }
  const folders = names.map((name) => join(out, name));
  const { members, probabilities, computedBy } = await voteOnDataset(
    { ...savedNets(folders, out), config },
    data.test,
    engine,
    threads,
  );
  const { labels } = members[0]!;
  const { correct, errors, count } = accuracy(probabilities, labels);
  const file: CommitteeFile = {
    format: 2,
    combination: 'mean of probabilities',
    dataset,
    data: { train: datasetChecksum(data.train), test: datasetChecksum(data.test) },
    recipe,
    seed: population.manifest.seed,
    nets: nets.map((net, position) => ({ ...net, errors: members[position]!.errors })),
    test: {
      errors,
      count,
      interval: accuracyInterval(correct, count),
      computedBy,
      mistakes: misclassified(probabilities, labels).map(({ index, label, predicted }) => ({
        image: index,
        label,
        answer: predicted,
      })),
    },
  };
  await writeFileDurably(join(out, committeeFile), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

/** Writes one net; says of it all that needs no test. */
async function exportNet(member: PopulationMember, out: string) {
  const name = String(member.index).padStart(3, '0');
  const folder = join(out, name);
  const model = await loadModel(await member.verifiedFolder());
  try {
    await mkdir(folder, { recursive: true });
    await saveModel(model, folder, { precision: 'float16' });
  } finally {
    model.dispose();
  }
  const [{ seed }, metrics, environment] = await Promise.all([
    member.readConfig(),
    member.readMetrics(),
    member.readEnvironment(),
  ]);
  return {
    name,
    index: member.index,
    seed,
    computedBy: String(environment.engine ?? 'unknown'),
    errorsInFullPrecision: metrics.testErrors ?? Number.NaN,
    files: {
      'model.json': await describeFile(join(folder, 'model.json')),
      'weights.bin': await describeFile(join(folder, 'weights.bin')),
    },
  };
}

async function describeFile(path: string) {
  const content = await readFile(path);
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
