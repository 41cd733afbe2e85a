import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, models } from '@tensorflow/tfjs-layers';
import { checkOptionNames } from '../_check-options.js';
import { checkStepOptions } from '../_check-step-options.js';
import type { Engine } from '../engine.js';
import { TrainError } from '../train-error.js';
import { planModel } from './_check-model.js';
import { TfjsSession } from './_tfjs-session.js';

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
 * @throws TrainError BACKEND_UNAVAILABLE when the backend is not registered, does not start, or cannot train the model
 */
export function tfjsEngine(options: TfjsEngineOptions = {}): Engine {
  checkOptionNames('tfjsEngine', options, ['backend']);
  const backend = options.backend ?? tf.getBackend();
  if (!backend || !tf.findBackendFactory(backend)) {
    const registered = Object.keys(tf.engine().registryFactory);
    throw new TrainError(
      'BACKEND_UNAVAILABLE',
      `The TensorFlow.js backend '${backend ?? ''}' is not registered (registered: ${registered.join(', ') || 'none'}). Import it first, for instance: import '@tensorflow/tfjs-backend-cpu'.`,
    );
  }
  return {
    name: `tfjs:${backend}`,
    async open(model, stepOptions) {
      checkStepOptions('engine.open', stepOptions);
      await startBackend(backend);
      // Before the copy, which needs kernels that an unsuitable backend may lack as well.
      planModel(model, stepOptions.batchSize, stepOptions.loss ?? { kind: 'softmaxCrossEntropy' });
      const copy = await copyModel(model);
      try {
        return new TfjsSession(model, copy, backend, stepOptions);
      } catch (error) {
        copy.dispose();
        throw error;
      }
    },
  };
}

async function startBackend(backend: string): Promise<void> {
  if (tf.getBackend() !== backend && !(await tf.setBackend(backend))) {
    throw new TrainError(
      'BACKEND_UNAVAILABLE',
      `The TensorFlow.js backend '${backend}' is registered but did not start on this machine. Try 'cpu'.`,
    );
  }
  await tf.ready();
}

async function copyModel(model: LayersModel): Promise<LayersModel> {
  const copy = await models.modelFromJSON(
    model.toJSON(null, false) as Parameters<typeof models.modelFromJSON>[0],
  );
  const values = new Map(model.weights.map((weight) => [weight.originalName, weight]));
  for (const weight of copy.weights) {
    const source = values.get(weight.originalName);
    if (source) weight.write(source.read());
  }
  return copy;
}
