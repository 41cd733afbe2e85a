import '@tensorflow/tfjs-backend-cpu';
import { availableParallelism } from 'node:os';
import { onnxEngine } from '@mnist/onnx';
import { type Engine, loadTfjsNode, tfjsEngine } from '@mnist/train';
import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from './exit-codes.js';
import type { EngineChoice } from './member-config.js';

export const onnxDevices = ['cpu', 'cuda', 'dml', 'webgpu', 'coreml'] as const;
export const tfjsDevices = ['cuda', 'native', 'cpu'] as const;

export interface EngineOptions {
  /** `auto` (default), `onnx` or `tfjs`. */
  readonly engine: string;
  /** `cpu`, `cuda`, ...; default: the best that the machine has. */
  readonly device?: string;
}

/** The chosen engine, and why. */
export interface ChosenEngine {
  readonly choice: EngineChoice;
  readonly reason: string;
}

/**
 * Picks the engine. The CUDA build of TensorFlow counts as wanted when it is installed, since nothing installs it
 * unasked; everything else trains on ONNX Runtime.
 */
export async function chooseEngine({ engine, device }: EngineOptions): Promise<ChosenEngine> {
  if (engine === 'onnx')
    return {
      choice: { kind: 'onnx', device: checkDevice(engine, device ?? 'cpu', onnxDevices) },
      reason: 'as you asked',
    };
  if (engine === 'tfjs')
    return {
      choice: {
        kind: 'tfjs',
        device: checkDevice(engine, device ?? ((await tfjsCudaLoads()) ? 'cuda' : 'native'), tfjsDevices),
      },
      reason: 'as you asked',
    };
  if (engine !== 'auto') throw new UsageError(`unknown engine '${engine}'. Known: auto, onnx, tfjs.`);
  if (device !== undefined) throw new UsageError(`--device ${device} needs --engine onnx or --engine tfjs.`);
  if (await tfjsCudaLoads()) {
    return {
      choice: { kind: 'tfjs', device: 'cuda' },
      reason: '@tensorflow/tfjs-node-gpu is installed and loads',
    };
  }
  return {
    choice: { kind: 'onnx', device: 'cpu' },
    reason:
      'no CUDA build of TensorFlow is installed; ONNX Runtime on the processor is the fastest of the rest',
  };
}

function checkDevice(engine: string, device: string, known: readonly string[]): string {
  if (known.includes(device)) return device;
  throw new UsageError(`--engine ${engine} has no device '${device}'. Known: ${known.join(', ')}.`);
}

/** One net a core with one thread each is fastest on a processor; one GPU is best fed by one process. */
export function defaultWorkers({ device }: EngineChoice): number {
  return device === 'cpu' || device === 'native' ? availableParallelism() : 1;
}

/** Opens the engine of a choice. */
export async function openEngine(choice: EngineChoice, threads: number): Promise<Engine> {
  if (choice.kind === 'onnx') {
    await useModelBackend();
    return onnxEngine({ provider: choice.device as (typeof onnxDevices)[number], threads });
  }
  if (choice.device === 'cpu') return tfjsEngine({ backend: 'cpu' });
  await loadTfjsNode({ build: choice.device === 'cuda' ? 'gpu' : 'cpu', importModule });
  return tfjsEngine({ backend: 'tensorflow' });
}

/** Models are built on the plain JavaScript backend: it holds their weights and computes nothing. */
export async function useModelBackend(): Promise<void> {
  // Without it TensorFlow.js prints an advertisement for its native build; of the checks it drops, none is ours.
  tf.enableProdMode();
  if (!tf.getBackend()) await tf.setBackend('cpu');
  await tf.ready();
}

async function tfjsCudaLoads(): Promise<boolean> {
  try {
    await importModule.resolve('@tensorflow/tfjs-node-gpu');
  } catch {
    return false;
  }
  return loadTfjsNode({ build: 'gpu', importModule }).then(
    () => true,
    () => false,
  );
}

/** The application's own packages, not those of @mnist/train, are where a user installs TensorFlow. */
const importModule = Object.assign((name: string) => import(name), {
  resolve: async (name: string) => import.meta.resolve(name),
});
