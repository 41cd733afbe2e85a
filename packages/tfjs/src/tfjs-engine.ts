import { type Engine, EngineError, engineOptions, openSession } from '@mnist/engine';
import { text } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, models } from '@tensorflow/tfjs-layers';
import { readModel } from './_read-model.js';
import { TfjsComputation } from './_tfjs-computation.js';

export interface TfjsEngineOptions {
  /**
   * A registered TensorFlow.js backend: `cpu`, `tensorflow` (see `loadTfjsNode`), `webgl`, `webgpu`.
   * Default: the one that is active when `tfjsEngine` is called.
   */
  readonly backend?: string;
}

/**
 * Trains on any TensorFlow.js backend that has the gradient kernels, with PyTorch's semantics (own Adam and SGD, unbiased
 * running variance, seeded dropout). The session works on a copy of the model.
 *
 * Ties in max pooling go to the first element on the backends `cpu`, `webgl` and `tensorflow` on a CPU; a GPU library
 * may choose otherwise.
 *
 * @throws EngineError `ENGINE_UNAVAILABLE` when the backend is not registered, does not start, or cannot train the model
 */
export function tfjsEngine(options: TfjsEngineOptions = {}): Engine {
  const { backend = tf.getBackend() } = engineOptions.complete(
    'tfjsEngine',
    options,
    {} as TfjsEngineOptions,
    { backend: text },
  );
  if (!backend || !tf.findBackendFactory(backend)) {
    const registered = Object.keys(tf.engine().registryFactory);
    throw new EngineError(
      'ENGINE_UNAVAILABLE',
      `the TensorFlow.js backend '${backend ?? ''}' is not registered (registered: ${registered.join(', ') || 'none'}). ` +
        "Import it first, for instance: import '@tensorflow/tfjs-backend-cpu'.",
    );
  }
  const name = `tfjs:${backend}`;
  return {
    name,
    open: (model, stepOptions) =>
      openSession(name, model, stepOptions, async (plan) => {
        await startBackend(backend);
        // Before the copy, which needs kernels that an unsuitable backend may lack as well.
        readModel(model);
        const copy = await copyModel(model);
        try {
          return new TfjsComputation(plan, copy, backend);
        } catch (error) {
          copy.dispose();
          throw error;
        }
      }),
  };
}

async function startBackend(backend: string): Promise<void> {
  if (tf.getBackend() !== backend && !(await tf.setBackend(backend))) {
    throw new EngineError(
      'ENGINE_UNAVAILABLE',
      `the TensorFlow.js backend '${backend}' is registered but did not start on this machine. Try 'cpu'.`,
    );
  }
  await tf.ready();
}

/** With weights of its own, not yet the model's: `write` brings them. */
async function copyModel(model: LayersModel): Promise<LayersModel> {
  const json = model.toJSON(null, false) as Parameters<typeof models.modelFromJSON>[0];
  return models.modelFromJSON(json);
}
