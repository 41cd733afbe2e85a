import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cacheFolder, type DatasetName, loadDataset } from '@mnist/dataset';
import { availableProviders } from '@mnist/onnx';
import { loadTfjsNode } from '@mnist/train';
import type { Command } from 'commander';
import { setDataDir } from '../datasets.js';
import { openEngine } from '../engines.js';
import { estimateDuration } from '../estimate-duration.js';
import { exitCodes } from '../exit-codes.js';
import { machineFacts } from '../machine.js';
import { presets } from '../presets.js';
import { formatDuration } from '../progress.js';
import { openTerminal } from '../terminal.js';

interface Finding {
  readonly name: string;
  /** `info`: worth knowing, nothing is wrong. */
  readonly state: 'ok' | 'info' | 'problem';
  readonly text: string;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'what this machine has: Node, engines, data, a folder to write to; what is missing and how to get it',
    )
    .option('--dataset <name>', 'data set to look for', 'mnist')
    .option('--data-dir <folder>', 'folder with the IDX files')
    .option('--json', 'print one JSON object on stdout')
    .action(async (options: { dataset: string; dataDir?: string; json?: boolean }) => {
      const terminal = openTerminal({ json: options.json === true });
      if (options.dataDir !== undefined) setDataDir(resolve(options.dataDir));
      const findings = [
        ...machine(),
        await onnx(),
        await tensorflow(),
        await data(options.dataset as DatasetName, options.dataDir),
        await disk(),
      ];
      const sign = { ok: 'ok     ', info: 'note   ', problem: 'PROBLEM' } as const;
      terminal.result(
        { findings },
        findings.map(({ name, state, text }) => `${sign[state]}  ${name.padEnd(12)} ${text}`).join('\n'),
      );
      if (findings.some(({ state }) => state === 'problem')) process.exitCode = exitCodes.failure;
    });
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

async function onnx(): Promise<Finding> {
  try {
    const engine = await openEngine({ kind: 'onnx', device: 'cpu' }, 1);
    const time = await estimateDuration({ ...presets.quick, nets: 1 }, engine, 60_000, 1);
    const providers = (await availableProviders())
      .map(({ provider, bundled }) => (bundled ? provider : `${provider} (needs libraries of its own)`))
      .join(', ');
    return {
      name: 'ONNX Runtime',
      state: 'ok',
      text: `providers ${providers}; one net of the quick preset takes about ${formatDuration(time)} on one thread`,
    };
  } catch (error) {
    return { name: 'ONNX Runtime', state: 'problem', text: (error as Error).message };
  }
}

async function tensorflow(): Promise<Finding> {
  try {
    const name = await loadTfjsNode({ importModule: (module) => import(module) });
    return { name: 'TensorFlow', state: 'ok', text: `${name} loads; --engine tfjs uses it` };
  } catch (error) {
    return { name: 'TensorFlow', state: 'info', text: `not used: ${(error as Error).message}` };
  }
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
