import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type CandidateOptions, type EngineCandidate, EngineError, type EngineProbe } from '@mnist/engine';
import { onnxEngine } from './onnx-engine.js';
import { messageOf } from './onnx-runtime.js';
import type { Provider } from './runtime/step-plan.js';

/** For `bestEngine`: ONNX Runtime on a GPU of any vendor (WebGPU), on an NVIDIA GPU (CUDA), on the processor. */
export function engineCandidates({ threads = 1 }: CandidateOptions = {}): readonly EngineCandidate[] {
  return [
    candidate('webgpu', 'gpu', threads, missingForWebgpu),
    candidate('cuda', 'gpu', threads, missingForCuda),
    candidate('cpu', 'cpu', threads, () => undefined),
  ];
}

/** Why a probe need not be tried, and the command that mends it. */
interface Missing {
  readonly reason: string;
  readonly remedy?: string;
}

function candidate(
  provider: Provider,
  device: 'cpu' | 'gpu',
  threads: number,
  missing: () => Missing | undefined,
): EngineCandidate {
  return {
    name: `onnx:${provider}`,
    device,
    async probe(): Promise<EngineProbe> {
      try {
        const lacks = missing();
        if (lacks) return { ready: false, ...lacks };
        const engine = onnxEngine({ provider, threads });
        const { lowering, reason } = await engine.lowering();
        return { ready: true, engine, detail: `${lowering} lowering: ${reason}` };
      } catch (error) {
        return { ready: false, reason: messageOf(error) };
      }
    },
  };
}

/** Device files of GPUs on Linux: render nodes of any vendor, NVIDIA's driver, Windows' GPU inside WSL. */
const deviceFile = /^(renderD\d+|nvidia\d+|dxg)$/;

/** Looked for first: without them Vulkan may still offer a device that computes on the processor, which is no GPU. */
function missingForWebgpu(): Missing | undefined {
  if (process.platform !== 'linux') return undefined;
  const devices = [...list('/dev'), ...list('/dev/dri')];
  if (!devices.some((name) => deviceFile.test(name))) {
    return { reason: 'no GPU: /dev has no dri/renderD*, nvidia* or dxg' };
  }
  const failure = loadLibrary('libvulkan.so.1');
  return failure === undefined ? undefined : { reason: failure, remedy: 'sudo apt-get install libvulkan1' };
}

function missingForCuda(): Missing | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { reason: `onnxruntime-node has CUDA for linux-x64, not for ${process.platform}-${process.arch}` };
  }
  if (!list('/dev').some((name) => /^nvidia\d+$/.test(name))) {
    return { reason: 'no NVIDIA GPU: /dev has no nvidia*' };
  }
  const folder = join(dirname(packageFile()), 'bin/napi-v6/linux/x64');
  const library = join(folder, 'libonnxruntime_providers_cuda.so');
  if (!existsSync(library)) {
    return {
      reason: `ONNX Runtime's CUDA libraries are not installed (no libonnxruntime_providers_cuda.so in ${folder})`,
      remedy: `node ${join(dirname(packageFile()), 'script/install.js')} --onnxruntime-node-install=cuda12`,
    };
  }
  return undefined;
}

function packageFile(): string {
  try {
    return createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  } catch (cause) {
    throw new EngineError('ENGINE_UNAVAILABLE', 'onnxruntime-node is not installed.', { cause });
  }
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What the dynamic loader says of a library: undefined where it loads. */
function loadLibrary(name: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, name);
  } catch (error) {
    const message = messageOf(error);
    // Loaded, but no addon of Node.
    return /self-register|NODE_MODULE_VERSION/.test(message) ? undefined : message;
  }
  return undefined;
}
