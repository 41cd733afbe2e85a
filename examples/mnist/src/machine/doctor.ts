import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cacheFolder, type DatasetName, loadDataset } from '@mnist/dataset';
import { formatDuration } from '@mnist/kit';
import { estimateDuration } from '../experiment/estimate-duration.js';
import { presets } from '../experiment/presets.js';
import { engineSources, useModelBackend } from './engines.js';
import { machineFacts } from './facts.js';
import type { Finding } from './finding.js';
import { gpuHardware } from './gpus.js';

/** Looks at everything that a training here would need. Nothing counts as ready that was not run. */
export async function examineMachine(dataset: DatasetName, dataDir: string | undefined): Promise<Finding[]> {
  await useModelBackend();
  return [
    ...machine(),
    ...(await gpuHardware()),
    ...(await engines()),
    await data(dataset, dataDir),
    await disk(),
  ];
}

function machine(): Finding[] {
  const { processor, cores, memoryGigabytes, node, platform } = machineFacts();
  const [major, minor] = node.split('.').map(Number) as [number, number];
  const recent = major > 20 || (major === 20 && minor >= 19);
  return [
    {
      name: 'Node',
      state: recent ? 'ok' : 'problem',
      text: recent ? `${node} on ${platform}` : `${node} is too old: 20.19 or newer is needed`,
    },
    { name: 'processor', state: 'ok', text: `${processor}, ${cores} cores, ${memoryGigabytes} GB` },
  ];
}

async function engines(): Promise<Finding[]> {
  const findings: Finding[] = [];
  const times = new Map<string, number>();
  for (const load of engineSources) {
    for (const { name, probe } of (await load()).engineCandidates()) {
      const found = await probe();
      if (!found.ready) {
        const { reason, remedy } = found;
        findings.push({ name, state: 'info', text: `not ready: ${reason}`, ...(remedy && { remedy }) });
        continue;
      }
      try {
        const time = await estimateDuration({ ...presets.quick, nets: 1 }, found.engine, 60_000, 1, 0);
        times.set(name, time);
        const detail = found.detail ? `${found.detail}; ` : '';
        const more = found.more ? `; ${found.more}` : '';
        findings.push({
          name,
          state: 'ok',
          text: `${detail}one net of the quick preset takes about ${formatDuration(time)} on one thread${more}`,
        });
      } catch (error) {
        findings.push({
          name,
          state: 'problem',
          text: `loads, but cannot train: ${(error as Error).message}`,
        });
      }
    }
  }
  const [fastest] = [...times].sort(([, one], [, other]) => one - other);
  findings.push(
    fastest === undefined
      ? { name: 'auto', state: 'problem', text: 'nothing here can train' }
      : {
          name: 'auto',
          state: 'ok',
          text: `takes ${fastest[0]}, the fastest of ${times.size} that trained here`,
        },
  );
  return findings;
}

async function data(name: DatasetName, dataDir: string | undefined): Promise<Finding> {
  try {
    const { images, source } = await loadDataset(name, { split: 'train', dataDir, download: false });
    await loadDataset(name, { split: 'test', dataDir, download: false });
    return {
      name: 'data',
      state: 'ok',
      text: `${name}: ${images.shape[0]} training images, checksums right, ${source}`,
    };
  } catch (error) {
    const unavailable = (error as { code?: string }).code === 'DATASET_UNAVAILABLE';
    return {
      name: 'data',
      state: unavailable ? 'info' : 'problem',
      text: unavailable
        ? `${name} is in no folder here; it will be downloaded to ${cacheFolder(name)} when first needed`
        : (error as Error).message,
    };
  }
}

async function disk(): Promise<Finding> {
  const folder = process.cwd();
  return access(folder, constants.W_OK).then(
    () => ({
      name: 'folder',
      state: 'ok' as const,
      text: `${folder} can be written; runs go to ${resolve('runs')}`,
    }),
    () => ({
      name: 'folder',
      state: 'problem' as const,
      text: `${folder} cannot be written: use --out, or change to another folder`,
    }),
  );
}
