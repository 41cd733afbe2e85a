import type { Engine, Hyperparameters, Loss, Optimizer } from '../engine.js';
import { assertClose, assertEqual } from './_assert.js';
import { denseNet, makeBatch, mixedNet, toReference, withSession } from './_fixtures.js';
import type { NetSpec } from './_net-spec.js';
import { referenceStep } from './_reference-training.js';
import type { ConformanceCase } from './conformance-case.js';
import type { ConformanceTolerance } from './conformance-tolerance.js';

export function optimizerCases(engine: Engine, tolerance: ConformanceTolerance): ConformanceCase[] {
  const steady = (learningRate: number, momentum: number, weightDecay = 0) =>
    [1, 2, 3].map((): Hyperparameters => ({ learningRate, momentum, weightDecay }));
  const adam: Optimizer = { kind: 'adam' };
  const cases: [string, NetSpec, Optimizer, Hyperparameters[], Loss?][] = [
    ['Adam', denseNet, adam, steady(1e-2, 0.9)],
    ['Adam over batch norm and pooling', mixedNet, adam, steady(1e-3, 0.9)],
    [
      'Adam, beta2 0.999, epsilon 1e-3',
      denseNet,
      { kind: 'adam', beta2: 0.999, epsilon: 1e-3 },
      steady(1e-2, 0.9),
    ],
    ['Adam with weight decay 0.5', denseNet, adam, steady(1e-2, 0.9, 0.5)],
    [
      'Adam with learning rate, momentum and weight decay changing each step',
      denseNet,
      adam,
      [
        { learningRate: 1e-2, momentum: 0.95, weightDecay: 0 },
        { learningRate: 3e-3, momentum: 0.85, weightDecay: 0.1 },
        { learningRate: 2e-2, momentum: 0.9, weightDecay: 1 },
      ],
    ],
    ['SGD without momentum', denseNet, { kind: 'sgd' }, steady(1e-1, 0)],
    ['SGD with momentum 0.9', mixedNet, { kind: 'sgd' }, steady(2e-2, 0.9)],
    ['SGD with Nesterov momentum', denseNet, { kind: 'sgd', nesterov: true }, steady(5e-2, 0.9)],
    ['SGD with weight decay', denseNet, { kind: 'sgd' }, steady(5e-2, 0.9, 0.2)],
    [
      'Adam with label smoothing',
      denseNet,
      adam,
      steady(1e-2, 0.9),
      { kind: 'softmaxCrossEntropy', labelSmoothing: 0.2 },
    ],
  ];
  return cases.map(([title, net, optimizer, hypers, loss]) => ({
    name: `three steps of ${title}: parameters, slots and running statistics (unbiased variance) equal the reference`,
    run: () =>
      withSession(engine, net, { batchSize: 6, optimizer, loss }, async ({ session, start }) => {
        let reference = toReference(start);
        for (const [i, hyper] of hypers.entries()) {
          const batch = makeBatch(net, 6, 30 + i);
          await session.step(batch, hyper);
          reference = referenceStep(net, reference, batch.images.data, batch.labels.data, hyper, {
            optimizer,
            loss,
          });
        }
        const after = await session.state();
        assertEqual('step', after.step, 3);
        assertEqual('slots', Object.keys(after.slots).sort(), Object.keys(reference.slots).sort());
        for (const [i, tensor] of after.parameters.entries()) {
          assertClose(tensor.name, tensor.data, reference.parameters[i]!, tolerance.absolute);
        }
        for (const [i, tensor] of after.statistics.entries()) {
          assertClose(tensor.name, tensor.data, reference.statistics[i]!, tolerance.absolute);
        }
        for (const [slot, tensors] of Object.entries(after.slots)) {
          for (const [i, tensor] of tensors.entries()) {
            assertClose(
              `slot ${slot} of ${tensor.name}`,
              tensor.data,
              reference.slots[slot]![i]!,
              tolerance.absolute,
            );
          }
        }
      }),
  }));
}
