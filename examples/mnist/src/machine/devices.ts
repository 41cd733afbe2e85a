import type { EngineVerdict } from '@mnist/engine';
import { claimDevice, type DeviceClaim } from '@mnist/population';
import { usableCores } from './facts.js';
import { nvidiaGpus } from './gpus.js';

type Engine = Pick<EngineVerdict, 'name' | 'device'>;
type Environment = Record<string, string | undefined>;

/** Nets trained at once by one program, one process each, and the devices that they take turns on. */
export interface Lanes {
  readonly workers: number;
  /** Undefined on a processor, and where the user chose the number of workers. */
  readonly devices?: readonly string[];
}

/**
 * One net a core with one thread each is fastest on a processor. A GPU trains one net at a time best, so all programs of ours on this
 * machine share the GPUs by their names. Whoever asks for a number of workers has decided otherwise.
 */
export async function lanesFor(
  engine: Engine,
  workers: number | undefined,
  countNvidia = async () => (await nvidiaGpus()).length,
): Promise<Lanes> {
  if (workers !== undefined) return { workers };
  if (engine.device !== 'gpu') return { workers: usableCores() };
  return onGpus(
    engine.name === 'onnx:webgpu' ? firstGpu(engine) : gpuNames(Math.max(1, await countNvidia())),
  );
}

export function onGpus(devices: readonly string[]): Lanes {
  return { workers: devices.length, devices };
}

/**
 * Names that mean the same card in every process, whatever CUDA_VISIBLE_DEVICES lets it see: 'gpu:2' for the first of '2,3'.
 *
 * @param count at most so many of those that the environment allows
 */
export function gpuNames(count: number, environment: Environment = process.env): readonly string[] {
  const allowed = environment.CUDA_VISIBLE_DEVICES?.split(',').map((name) => name.trim()) ?? [];
  const all = Array.from({ length: count }, (_, index) => String(index));
  const names = allowed.some(Boolean) ? allowed.filter(Boolean).slice(0, count) : all;
  return names.map((name) => `gpu:${name}`);
}

/** Leaves a process that has been given 'gpu:1' that CUDA device alone, before anything of CUDA is loaded. */
export function restrictToDevice(device: string | undefined, environment: Environment = process.env): void {
  const name = /^gpu:(.+)$/.exec(device ?? '')?.[1];
  if (name !== undefined) environment.CUDA_VISIBLE_DEVICES = name;
}

export interface HoldGpuOptions {
  readonly signal?: AbortSignal;
  /** Called once, when another program has the GPU. */
  readonly onWaiting: (text: string) => void;
}

/** Computes on an engine while nothing else of ours does on its device; hears by its signal when to stop. */
export type Alone = <T>(
  engine: Engine,
  compute: (signal: AbortSignal | undefined) => Promise<T>,
) => Promise<T>;

/**
 * Has the GPU to itself while this process trains: one that trains in a program of ours has its turn first. On a processor
 * it trains at once.
 *
 * @param train hears by its signal when to stop, also when this process stood still for so long that it lost the GPU
 */
export async function holdingGpu<T>(
  engine: Engine,
  options: HoldGpuOptions,
  train: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  return inOneTurn(options, (alone) => alone(engine, train));
}

/**
 * Several computations in one turn on the GPU, which begins with the first that needs it and ends with the work: programs take
 * turns, so who asks for each of them waits for a whole net each time.
 */
export async function inOneTurn<T>(
  { signal, onWaiting }: HoldGpuOptions,
  work: (alone: Alone) => Promise<T>,
): Promise<T> {
  let claim: DeviceClaim | undefined;
  try {
    return await work(async (engine, compute) => {
      if (engine.device !== 'gpu') return compute(signal);
      // The engine is loaded, so which card it computes on is settled.
      const devices = firstGpu(engine);
      if (claim?.device !== devices[0] || claim.lost.aborted) {
        // Nobody waits for one card while holding another: two programs could wait for each other.
        await claim?.release();
        claim = undefined;
        claim = await claimDevice({
          devices,
          signal,
          onWaiting: () => onWaiting(`waiting for ${devices[0]}: another program trains on it`),
        });
      }
      return compute(signal === undefined ? claim.lost : AbortSignal.any([signal, claim.lost]));
    });
  } finally {
    await claim?.release();
  }
}

/** What a process computes on that was told nothing. WebGPU takes the adapter that the system prefers, and cannot be told another. */
function firstGpu({ name }: Engine): readonly string[] {
  return name === 'onnx:webgpu' ? gpuNames(1, {}) : gpuNames(1);
}
