import '@tensorflow/tfjs-backend-cpu';
import {
  type BestEngine,
  bestEngine,
  type Engine,
  type EngineCandidate,
  type EngineModule,
} from '@mnist/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { UsageError } from '../ui/errors.js';
import type { Alone } from './devices.js';
import { usableCores } from './facts.js';
import { nvidiaGpus } from './gpus.js';
import { remedyHere } from './remedy-here.js';

/** Where engines come from. Earlier ones win where nothing was measured. */
export const engineSources: readonly (() => Promise<EngineModule>)[] = [
  () => import('@mnist/native'),
  () => import('@mnist/onnx'),
  async () => {
    const { engineCandidates } = await import('@mnist/tfjs');
    return { engineCandidates: () => engineCandidates().map(forThisWorkspace) };
  },
];

/** The package's remedy is for a project of its user's own; npm refuses that command in this workspace. */
function forThisWorkspace(candidate: EngineCandidate): EngineCandidate {
  return {
    ...candidate,
    async probe() {
      const found = await candidate.probe();
      if (found.ready) return found;
      const nvidia = candidate.device === 'gpu' ? await nvidiaGpus() : [];
      const { remedy: _own, ...rest } = found;
      const remedy = remedyHere(candidate.name, found.remedy, nvidia);
      const reason =
        candidate.device === 'gpu' && nvidia.length === 0
          ? `${found.reason}; nvidia-smi lists no GPU here`
          : found.reason;
      return { ...rest, reason, ...(remedy && { remedy }) };
    },
  };
}

export interface ChooseEngineOptions {
  /** `auto`, a package (`onnx`), or a full name (`onnx:cpu`). */
  readonly engine: string;
  readonly threads?: number;
  /** The net to train: engines that cannot train it are passed over, and where `measure` is set the fastest is taken. */
  readonly model?: LayersModel;
  readonly batchSize?: number;
  readonly measure?: boolean;
  /** How `measure` has a GPU to itself: steps timed beside another training would say nothing. */
  readonly alone?: Alone;
}

/** The engine that a command asked for, or the best of this machine, with the reason. */
export async function chooseEngine(options: ChooseEngineOptions): Promise<BestEngine> {
  const { engine, measure = false, ...rest } = options;
  await useModelBackend();
  if (engine !== 'auto') await checkName(engine);
  return bestEngine({
    ...rest,
    measure: measure && options.model !== undefined,
    from: engineSources,
    only: ({ name }) => engine === 'auto' || matches(name, engine),
  });
}

/** Opens an engine by its full name, in whatever process: that of the program or of a worker. */
export async function openEngine(name: string, threads: number): Promise<Engine> {
  return (await chooseEngine({ engine: name, threads })).engine;
}

/** 'onnx' means each of 'onnx:cpu', 'onnx:webgpu', ...; a full name means itself. */
function matches(name: string, asked: string): boolean {
  return name === asked || name.startsWith(`${asked}:`);
}

async function checkName(asked: string): Promise<void> {
  const known: EngineCandidate[] = [];
  for (const load of engineSources) known.push(...(await load()).engineCandidates());
  if (known.some(({ name }) => matches(name, asked))) return;
  throw new UsageError(
    `unknown engine '${asked}'. Known: auto, ${known.map(({ name }) => name).join(', ')}.`,
  );
}

/**
 * Threads that prepare images for a training that leaves cores free: a net on fewer threads than there are cores gains what
 * a step would wait for its images, and a GPU takes images faster than one core distorts them.
 */
export function defaultLoaders(
  device: 'cpu' | 'gpu' | undefined,
  threads: number,
  cores = usableCores(),
): number {
  return device === 'gpu' ? Math.min(4, cores - 1) : Math.min(1, Math.max(0, cores - threads));
}

/** Models are built on the plain JavaScript backend: it holds their weights and computes nothing. */
export async function useModelBackend(): Promise<void> {
  // Without it TensorFlow.js prints an advertisement for its native build; of the checks it drops, none is ours.
  tf.enableProdMode();
  if (!tf.getBackend()) await tf.setBackend('cpu');
  await tf.ready();
}
