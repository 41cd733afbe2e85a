import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageDataset } from '@mnist/dataset';
import { accuracy, accuracyInterval } from '@mnist/ensemble';
import { sizeOf } from '@mnist/kit';
import { writeFileDurably } from '@mnist/kit/files';
import { loadModel, saveModel } from '@mnist/models';
import type { Population } from '@mnist/population';
import { useModelBackend } from '../machine/engines.js';
import { type CommitteeFile, committeeFile } from '../nets/committee-file.js';
import { configOf } from '../nets/find-nets.js';
import { voteOnDataset } from '../nets/vote-on-dataset.js';
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
 * `committee.json` with where they come from and what they achieve as they lie there.
 */
export async function exportCommittee(options: ExportOptions): Promise<CommitteeFile> {
  const { population, data, out, engine, threads } = options;
  const { dataset, engine: _, ...recipe } = configOf(population);
  await useModelBackend();
  const nets: { name: string; index: number; seed: number; computedBy: string; trainedErrors: number }[] = [];
  for (const member of population.members) {
    const name = String(member.index).padStart(3, '0');
    const model = await loadModel(await member.verifiedFolder());
    try {
      await mkdir(join(out, name), { recursive: true });
      await saveModel(model, join(out, name), { precision: 'float16' });
    } finally {
      model.dispose();
    }
    const [{ seed }, metrics, environment] = await Promise.all([
      member.readConfig(),
      member.readMetrics(),
      member.readEnvironment(),
    ]);
    nets.push({
      name,
      index: member.index,
      seed,
      computedBy: String(environment.engine ?? 'unknown'),
      trainedErrors: metrics.testErrors ?? Number.NaN,
    });
  }
  const folders = nets.map(({ name }) => join(out, name));
  const { members, probabilities } = await voteOnDataset(
    { folders, config: configOf(population) },
    data.test,
    engine,
    threads,
  );
  const { correct, errors, count } = accuracy(probabilities, members[0]!.labels);
  const file: CommitteeFile = {
    format: 1,
    combination: 'mean of probabilities',
    dataset,
    data: { train: checksum(data.train), test: checksum(data.test) },
    recipe,
    seed: population.manifest.seed,
    nets: nets.map(({ trainedErrors, ...net }, position) => ({
      ...net,
      errors: members[position]!.errors,
      errorsInFullPrecision: trainedErrors,
    })),
    test: { errors, count, interval: accuracyInterval(correct, count), testedBy: engine },
  };
  await writeFileDurably(join(out, committeeFile), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

/** SHA-256 of the pixels and labels as they are in memory, row by row. */
function checksum({ images, labels }: ImageDataset): string {
  const pixels = sizeOf(images.shape);
  return createHash('sha256')
    .update(images.data.subarray(images.offset, images.offset + pixels))
    .update(labels.data.subarray(labels.offset, labels.offset + labels.shape[0]!))
    .digest('hex');
}
