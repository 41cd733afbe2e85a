import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accuracy, accuracyInterval, misclassified } from '@mnist/ensemble';
import { exists, writeFileDurably } from '@mnist/kit/files';
import { loadModel, saveModel } from '@mnist/models';
import { useModelBackend } from '../machine/engines.js';
import { type CommitteeFile, committeeFile } from '../nets/committee-file.js';
import { savedNets } from '../nets/find-nets.js';
import { voteOnDataset } from '../nets/vote-on-dataset.js';
import { datasetChecksum } from './dataset-checksum.js';
import type { Datasets } from './datasets.js';
import type { NetsToExport, NetToExport } from './nets-to-export.js';

export interface ExportOptions {
  readonly trained: NetsToExport;
  readonly data: Datasets;
  readonly out: string;
  /** Tests the nets as they were exported: rounding to half precision moves an answer now and then. */
  readonly engine: string;
  readonly threads: number;
}

/**
 * Writes trained nets to be shipped: each in half precision in a folder of its own that TensorFlow.js reads, and
 * `committee.json` with where they come from, their checksums, and what they achieve as they lie there. Into the folder of an
 * earlier export it takes that one's place, nets that are no longer there included.
 */
export async function exportCommittee(options: ExportOptions): Promise<CommitteeFile> {
  const { trained, data, out, engine, threads } = options;
  const { dataset, recipe, seed } = trained;
  const replaces = await exists(join(out, committeeFile));
  await useModelBackend();
  const nets: Omit<CommitteeFile['nets'][number], 'errors'>[] = [];
  for (const net of trained.nets) nets.push(await exportNet(net, out));
  const names = nets.map(({ name }) => name);
  if (replaces) {
    const old = (await readdir(out)).filter((name) => /^\d{3,}$/.test(name) && !names.includes(name));
    for (const name of old) await rm(join(out, name), { recursive: true });
  }
  const folders = names.map((name) => join(out, name));
  const { members, probabilities, computedBy } = await voteOnDataset(
    { ...savedNets(folders, out), config: { dataset, augmentation: recipe.augmentation } },
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
    seed,
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
async function exportNet({ folder: from, ...net }: NetToExport, out: string) {
  const folder = join(out, net.name);
  const model = await loadModel(from);
  try {
    await mkdir(folder, { recursive: true });
    await saveModel(model, folder, { precision: 'float16' });
  } finally {
    model.dispose();
  }
  return {
    ...net,
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
