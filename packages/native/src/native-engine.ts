import { type Engine, EngineError, openSession } from '@mnist/engine';
import { describeNetwork } from './describe-network.js';
import { checkEngineOptions, type NativeEngineOptions } from './engine-options.js';
import { type Addon, loadAddon } from './load-addon.js';
import { NativeComputation } from './native-computation.js';

const NAME = 'native:cpu';

/**
 * An engine that computes each training step in compiled Rust, on a thread of the session's own.
 *
 * @example
 * const session = await nativeEngine().open(model, { batchSize: 100 });
 * const { loss } = await session.step(batch, { learningRate: 1e-3, momentum: 0.9, weightDecay: 0 });
 *
 * @throws EngineError INVALID_OPTION; `open` ENGINE_UNAVAILABLE where the addon or the path is not there
 */
export function nativeEngine(options?: NativeEngineOptions): Engine {
  const settings = checkEngineOptions(options);
  return {
    name: NAME,
    open: (model, stepOptions) =>
      openSession(NAME, model, stepOptions, async (plan) => {
        const addon = requireAddon();
        requirePath(addon, settings.path);
        const spec = describeNetwork(plan);
        try {
          return new NativeComputation(NAME, plan, new addon.NativeSession(spec, settings));
        } catch (error) {
          throw new EngineError('UNSUPPORTED_MODEL', (error as Error).message, { cause: error });
        }
      }),
  };
}

function requireAddon(): Addon {
  const loaded = loadAddon();
  if (loaded.addon !== undefined) return loaded.addon;
  throw new EngineError('ENGINE_UNAVAILABLE', `${loaded.reason}; ${loaded.remedy}`);
}

function requirePath(addon: Addon, path: string | undefined): void {
  if (path === undefined) return;
  const found = addon.paths().find(({ name }) => name === path);
  if (found?.available) return;
  const paths = addon.paths().filter(({ available }) => available);
  const names = [...new Set(paths.map(({ name }) => `'${name}'`))].join(', ');
  const problem = found?.reason ?? 'there is no such path';
  throw new EngineError('ENGINE_UNAVAILABLE', `path is '${path}': ${problem}; expected one of ${names}`);
}
