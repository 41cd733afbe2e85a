import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { EngineError, engineOptions } from '@mnist/engine';
import { callback, oneOf, text } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';

export interface LoadTfjsNodeOptions {
  /** `gpu`: the CUDA build; `cpu`: the other; `any` (default): the CUDA build if it loads, else the other. */
  readonly build?: 'gpu' | 'cpu' | 'any';
  /**
   * A folder whose `node_modules` holds the package, where it is not installed beside this one. Default: the environment
   * variable MNIST_TFJS_NODE_FOLDER, which child processes inherit.
   */
  readonly folder?: string;
  /** How a package is imported. Default: from `folder`, else `import(name)` from here. */
  readonly importModule?: (name: string) => Promise<unknown>;
}

const packages = {
  gpu: ['@tensorflow/tfjs-node-gpu'],
  cpu: ['@tensorflow/tfjs-node'],
  any: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
} as const;

/**
 * Imports TensorFlow's native bindings and makes `tensorflow` the active backend. tfjs-node 4.22 still calls
 * `util.isNullOrUndefined` and `util.isArray`, which Node 23 removed; both are put back first where they are missing. On a GPU
 * TensorFlow takes memory as it needs it (TF_FORCE_GPU_ALLOW_GROWTH=true), unless that variable says otherwise.
 *
 * @returns the name of the package that was loaded
 * @throws EngineError `ENGINE_UNAVAILABLE`, with the command that installs it
 */
export async function loadTfjsNode(options: LoadTfjsNodeOptions = {}): Promise<string> {
  const { build, folder, importModule } = engineOptions.complete<
    Required<Pick<LoadTfjsNodeOptions, 'build'>> & LoadTfjsNodeOptions
  >(
    'loadTfjsNode',
    options,
    { build: 'any', folder: process.env.MNIST_TFJS_NODE_FOLDER || undefined },
    { build: oneOf(...Object.keys(packages)), folder: text, importModule: callback },
  );
  const load = importModule ?? importFrom(folder);
  await restoreRemovedUtilities();
  // By default a process that has computed one step keeps nearly all of the GPU's memory, and its worker processes get none.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  const failures: string[] = [];
  for (const name of packages[build]) {
    try {
      await load(name);
    } catch (error) {
      failures.push(`${name}: ${String((error as Error)?.message ?? error).split('\n')[0]}`);
      continue;
    }
    if (!tf.findBackendFactory('tensorflow')) {
      throw new EngineError(
        'ENGINE_UNAVAILABLE',
        `${name} loaded, but registered its backend with another copy of @tensorflow/tfjs-core. Keep one copy: npm dedupe, or 'npm ls @tensorflow/tfjs-core' to see which package brings the second.`,
      );
    }
    await tf.setBackend('tensorflow');
    return name;
  }
  const install = packages[build].at(-1);
  // A misspelt folder looks like a package that nobody installed, so it is named.
  const place = folder !== undefined && !importModule ? ` from ${resolve(folder, 'node_modules')}` : '';
  throw new EngineError(
    'ENGINE_UNAVAILABLE',
    `No native TensorFlow build could be loaded${place} (${failures.join('; ')}). Install one: npm install ${install}@^4.22.0 (its install script downloads libtensorflow; the CUDA build needs CUDA 11.2 and cuDNN 8.1). Or train with @mnist/native or @mnist/onnx, which need neither.`,
  );
}

function importFrom(folder: string | undefined): (name: string) => Promise<unknown> {
  if (folder === undefined) return (name) => import(name);
  // That folder may hold a second copy of tfjs-core: all copies share one engine, its backends and kernels.
  const require = createRequire(resolve(folder, 'package.json'));
  return async (name) => require(name);
}

async function restoreRemovedUtilities(): Promise<void> {
  const util: Record<string, unknown> = (await import('node:util')).default as never;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
