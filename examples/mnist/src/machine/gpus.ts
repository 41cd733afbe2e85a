import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from './finding.js';

/** What the tools and files of a machine say; tests give answers of their own. */
export interface MachineView {
  readonly platform: NodeJS.Platform;
  /** Output of a command; undefined where it is missing or fails. */
  run(command: string, ...args: string[]): Promise<string | undefined>;
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): readonly string[];
  read(path: string): string | undefined;
  /** Whether the dynamic loader finds a library. */
  loads(library: string): boolean;
}

export interface NvidiaGpu {
  readonly index: number;
  readonly name: string;
  readonly memory: string;
  readonly driver: string;
  /** The newest CUDA that the driver takes; no sign of an installed one. */
  readonly cuda?: string;
}

/**
 * The graphics hardware that can be seen without computing on it: cards, drivers, memory, and what engines on them need. None of
 * it says that an engine runs: that is told by running it.
 */
export async function gpuHardware(view: MachineView = thisMachine): Promise<Finding[]> {
  const nvidia = await nvidiaGpus(view);
  const cards = [...nvidia.map(describeNvidia), ...(await otherGpus(view, nvidia.length > 0))];
  if (cards.length === 0) return [{ name: 'GPU', state: 'info', text: 'none is seen' }];
  const more: Finding[] = [];
  if (view.platform === 'linux') more.push(vulkan(view));
  if (view.platform === 'linux' && nvidia.length > 0) more.push(cudaLibraries(view));
  return [...cards, ...more];
}

/** What nvidia-smi lists; empty where there is none or it does not answer. */
export async function nvidiaGpus(view: MachineView = thisMachine): Promise<readonly NvidiaGpu[]> {
  const columns = 'index,name,memory.total,driver_version';
  const table = await view.run('nvidia-smi', `--query-gpu=${columns}`, '--format=csv,noheader');
  if (table === undefined) return [];
  // The version of CUDA stands in no query, only above the table.
  const cuda = /CUDA Version: *(\d+\.\d+)/.exec((await view.run('nvidia-smi')) ?? '')?.[1];
  return table.split('\n').flatMap((line) => {
    const [index, name, memory, driver] = line.split(',').map((cell) => cell.trim());
    if (name === undefined || memory === undefined || !driver || !/^\d+$/.test(index!)) return [];
    return [{ index: Number(index), name, memory, driver, ...(cuda && { cuda }) }];
  });
}

function describeNvidia({ index, name, memory, driver, cuda }: NvidiaGpu): Finding {
  const takes = cuda ? `, which takes CUDA up to ${cuda}` : '';
  return { name: `GPU ${index}`, state: 'info', text: `${name}, ${memory}, driver ${driver}${takes}` };
}

async function otherGpus(view: MachineView, knowsNvidia: boolean): Promise<Finding[]> {
  if (view.platform === 'darwin') {
    const json = await view.run('system_profiler', 'SPDisplaysDataType', '-json');
    const cards = parse<{ SPDisplaysDataType?: { sppci_model?: string }[] }>(json)?.SPDisplaysDataType ?? [];
    return cards.map(({ sppci_model = 'a display adapter' }) => card(`${sppci_model}, Metal`));
  }
  if (view.platform === 'win32') {
    const script =
      'Get-CimInstance Win32_VideoController | Select-Object Name,DriverVersion | ConvertTo-Json';
    const found = parse<WindowsCard | WindowsCard[]>(
      await view.run('powershell', '-NoProfile', '-Command', script),
    );
    return [found ?? []]
      .flat()
      .filter(({ Name }) => !(knowsNvidia && /nvidia/i.test(Name)))
      .map(({ Name, DriverVersion }) => card(`${Name}, driver ${DriverVersion}, Direct3D`));
  }
  return view
    .list('/sys/class/drm')
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => view.read(`/sys/class/drm/${name}/device/vendor`)?.trim() ?? '')
    .flatMap((vendor): Finding[] => {
      const name = vendors[vendor];
      if (name === undefined || (name === 'NVIDIA' && knowsNvidia)) return [];
      if (name !== 'NVIDIA') return [card(name)];
      const text = 'an NVIDIA GPU, but nvidia-smi does not answer: its driver is not installed or not loaded';
      return [{ name: 'GPU', state: 'info', text, remedy: 'sudo ubuntu-drivers install' }];
    });
}

interface WindowsCard {
  readonly Name: string;
  readonly DriverVersion: string;
}

const card = (text: string): Finding => ({ name: 'GPU', state: 'info', text });

/** PCI vendors of what trains; virtual machines' displays are left out. */
const vendors: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

const vulkanFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

function vulkan(view: MachineView): Finding {
  const name = 'Vulkan';
  if (!view.loads('libvulkan.so.1')) {
    return {
      name,
      state: 'info',
      text: 'libvulkan.so.1 is missing',
      remedy: 'sudo apt-get install libvulkan1',
    };
  }
  const drivers = vulkanFolders
    .flatMap((folder) => view.list(folder))
    .filter((file) => file.endsWith('.json'));
  if (drivers.length === 0) {
    const text = `no driver: no file in ${vulkanFolders.join(', ')} (NVIDIA's comes with its driver)`;
    return { name, state: 'info', text, remedy: 'sudo apt-get install mesa-vulkan-drivers' };
  }
  return {
    name,
    state: 'info',
    text: `drivers: ${drivers.map((file) => basename(file, '.json')).join(', ')}`,
  };
}

/** What the CUDA engines load: CUDA 11.2 and cuDNN 8 (tfjs-node-gpu as published), CUDA 12 or 13 and cuDNN 9 (newer ones). */
const libraries = [
  'libcuda.so.1',
  'libcudart.so.11.0',
  'libcudart.so.12',
  'libcudart.so.13',
  'libcudnn.so.8',
  'libcudnn.so.9',
];

function cudaLibraries(view: MachineView): Finding {
  const found = libraries.filter((library) => view.loads(library));
  const missing = libraries.filter((library) => !found.includes(library));
  const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none');
  return { name: 'CUDA', state: 'info', text: `libraries found: ${list(found)}; missing: ${list(missing)}` };
}

function parse<T>(json: string | undefined): T | undefined {
  try {
    return JSON.parse(json ?? '') as T;
  } catch {
    return undefined;
  }
}

const thisMachine: MachineView = {
  platform: process.platform,
  run: (command, ...args) =>
    promisify(execFile)(command, args, { timeout: 10_000 }).then(
      ({ stdout }) => stdout,
      () => undefined,
    ),
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  read: (path) => (existsSync(path) ? readFileSync(join(path), 'utf8') : undefined),
  loads(library) {
    try {
      process.dlopen({ exports: {} }, library);
      return true;
    } catch (error) {
      // Loaded, but no addon of Node.
      return /self-register|NODE_MODULE_VERSION/.test((error as Error).message);
    }
  },
};
