import { integer, text } from '@mnist/kit';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { shipped } from './committee.js';
import { type LoadNetOptions, loadNet } from './load-net.js';
import { check } from './pretrained-error.js';

export interface LoadCommitteeOptions extends LoadNetOptions {
  /** Only the first so many nets, 1 to all. Default: all. */
  readonly count?: number;
}

/**
 * Loads the nets of the committee, one after the other, in the order of `committee().nets`. The mean of their softmax outputs is
 * the committee's answer.
 *
 * @throws PretrainedError as `loadNet`; what was loaded by then is disposed
 */
export async function loadCommittee(options: LoadCommitteeOptions = {}): Promise<LayersModel[]> {
  const { count, from } = check.complete<LoadCommitteeOptions & { count: number }>(
    'loadCommittee',
    options,
    { count: shipped.committee.nets.length },
    { count: integer({ min: 1, max: shipped.committee.nets.length }), from: text },
  );
  const models: LayersModel[] = [];
  try {
    for (let net = 0; net < count; net++) models.push(await loadNet(net, { from }));
  } catch (error) {
    for (const model of models) model.dispose();
    throw error;
  }
  return models;
}
