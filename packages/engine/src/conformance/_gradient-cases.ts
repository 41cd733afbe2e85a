import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import type { Engine, Loss } from '../engine.js';
import { assertClose, assertRelative } from './_assert.js';
import { ceilPoolNet, denseNet, makeBatch, mixedNet, toReference, withSession } from './_fixtures.js';
import type { NetSpec } from './_net-spec.js';
import { referenceGradients, referenceLoss } from './_reference-training.js';
import type { ConformanceCase } from './conformance-case.js';
import type { ConformanceTolerance } from './conformance-tolerance.js';

/** SGD at learning rate 1 without momentum moves each parameter by minus its gradient: that is how it is read. */
const readGradient = { learningRate: 1, momentum: 0, weightDecay: 0 } as const;

export function gradientCases(engine: Engine, tolerance: ConformanceTolerance): ConformanceCase[] {
  const crossEntropy: Loss = { kind: 'softmaxCrossEntropy' };
  const cases: [string, NetSpec, Loss][] = [
    ['dense layers', denseNet, crossEntropy],
    ['every layer kind (batch norm in training mode)', mixedNet, crossEntropy],
    ['max pooling 7 -> 4', ceilPoolNet, crossEntropy],
    ['label smoothing 0.1', denseNet, { kind: 'softmaxCrossEntropy', labelSmoothing: 0.1 }],
    ['label smoothing 1', denseNet, { kind: 'softmaxCrossEntropy', labelSmoothing: 1 }],
    ['mean squared error', denseNet, { kind: 'meanSquaredError' }],
  ];
  return [
    ...cases.map(([title, net, loss]) => ({
      name: `step: loss and gradients of ${title} equal central differences of the float64 reference`,
      run: () =>
        withSession(
          engine,
          net,
          { batchSize: 5, loss, optimizer: { kind: 'sgd' } },
          async ({ session, start }) => {
            const batch = makeBatch(net, 5, 21);
            const reference = toReference(start);
            const { images, labels } = batch;
            const measured = await session.step(batch, readGradient);
            assertRelative(
              'loss',
              [measured.loss],
              [referenceLoss(net, reference, images.data, labels.data, loss)],
              tolerance.relative,
            );
            const gradients = referenceGradients(net, reference, images.data, labels.data, loss);
            const scale = Math.max(...gradients.flatMap((gradient) => [...gradient].map(Math.abs)));
            const after = await session.state();
            for (const [i, parameter] of after.parameters.entries()) {
              const moved = parameter.data.map((value, k) => start.parameters[i]!.data[k]! - value);
              assertClose(
                `gradient of ${parameter.name}`,
                moved,
                gradients[i]!,
                tolerance.relative * scale + 1e-6,
              );
            }
          },
        ),
    })),
    maxPoolTieCase(engine),
    ...clippedReluCases(engine),
    largeLogitsCase(engine),
  ];
}

/**
 * Two input channels, a 1x1 convolution with weights (1, 1), one 2x2 max pool. In the first window the pixels (1, 0) and
 * (0, 1) tie at 1; only the first in row-major order may receive the gradient, as in PyTorch. In the second window, all
 * four tie at zero. The convolution's gradient then tells which pixel was chosen.
 */
function maxPoolTieCase(engine: Engine): ConformanceCase {
  const net: NetSpec = {
    imageShape: [2, 4, 2],
    layers: [
      { kind: 'conv', filters: 1, size: 1, padding: 'same' },
      { kind: 'maxPool', size: 2, padding: 'valid' },
      { kind: 'flatten' },
      { kind: 'dense', units: 2 },
    ],
  };
  return {
    name: 'step: ties in max pooling send the gradient to the first element of the window',
    run: () =>
      withSession(engine, net, { batchSize: 1, optimizer: { kind: 'sgd' } }, async ({ session, start }) => {
        const [kernel, bias, dense, denseBias] = start.parameters;
        await session.restore({
          ...start,
          parameters: [
            { ...kernel!, data: Float32Array.of(1, 1) },
            { ...bias!, data: Float32Array.of(0) },
            { ...dense!, data: Float32Array.of(1, -1, 1, -1) },
            { ...denseBias!, data: Float32Array.of(0, 0) },
          ],
        });
        // Row-major pixels (channel 0, channel 1); the first window's tie is between (1, 0) and (0, 1) below it,
        // the second's between (2, -2), (-3, 3), (4, -4) and (0, 0), which all sum to 0.
        const pixels = [
          [-1, 0, 1, 0, 2, -2, -3, 3],
          [0, 1, -1, -1, 4, -4, 0, 0],
        ].flat();
        const images = ndarray(Float32Array.from(pixels), [1, 2, 4, 2]);
        await session.step({ images, labels: ndarray(Uint8Array.of(0)) }, readGradient);
        // Pooled (1, 0): logits (1, -1). dL/dlogit0 = p0 - 1 = -s with s = 1 / (1 + e^2); each pooled value gets -2s.
        const s = 1 / (1 + Math.exp(2));
        const after = await session.state();
        const gradient = after.parameters[0]!.data.map((value) => 1 - value);
        assertClose(
          'gradient of the kernel',
          gradient,
          [-2 * s * 1 + -2 * s * 2, -2 * s * 0 + -2 * s * -2],
          1e-6,
        );
      }),
  };
}

/**
 * PyTorch 2.15: the gradients of relu6, hardtanh(0, 6) and clamp(0, 6) at -1, 0, 3, 6 and 7 are 0, 0, 1, 0 and 0. A 1x1
 * convolution with kernel 1 and bias 0 hands the five pixels on; the sum s of the clipped ones makes the logits s/10, -s/10.
 */
function clippedReluCases(engine: Engine): ConformanceCase[] {
  const clipped: Record<string, () => layers.Layer> = {
    'reLU({ maxValue: 6 })': () => layers.reLU({ maxValue: 6 }),
    "activation 'relu6'": () => layers.activation({ activation: 'relu6' }),
  };
  return Object.entries(clipped).map(([title, clip]) => ({
    name: `step: ${title} has no gradient at its bounds`,
    run: async () => {
      const model: LayersModel = sequential({
        layers: [
          layers.conv2d({ inputShape: [1, 5, 1], filters: 1, kernelSize: 1 }),
          clip(),
          layers.flatten(),
          layers.dense({ units: 2 }),
        ],
      });
      const session = await engine.open(model, { batchSize: 1, optimizer: { kind: 'sgd' } });
      try {
        const start = await session.state();
        const values = [[1], [0], Array.from({ length: 5 }, () => [0.1, -0.1]).flat(), [0, 0]];
        const parameters = start.parameters.map((tensor, i) => ({
          ...tensor,
          data: Float32Array.from(values[i]!),
        }));
        await session.restore({ ...start, parameters });
        const images = ndarray(Float32Array.of(-1, 0, 3, 6, 7), [1, 1, 5, 1]);
        await session.step({ images, labels: ndarray(Uint8Array.of(0)) }, readGradient);
        const [kernel, bias] = (await session.state()).parameters;
        // s = 15: the loss is log(1 + e^-3), its derivative by a passing pixel -0.2 / (1 + e^3).
        const gradient = -0.2 / (1 + Math.exp(3));
        assertClose('gradient of the bias', [0 - bias!.data[0]!], [gradient], 1e-6);
        assertClose('gradient of the kernel', [1 - kernel!.data[0]!], [3 * gradient], 1e-6);
      } finally {
        await session.dispose();
        model.dispose();
      }
    },
  }));
}

function largeLogitsCase(engine: Engine): ConformanceCase {
  return {
    name: 'step: the loss of logits of +-1000 is finite and exact',
    run: () =>
      withSession(engine, denseNet, { batchSize: 1 }, async ({ session, start }) => {
        const parameters = start.parameters.map((tensor, i) => ({
          ...tensor,
          data: i === 3 ? Float32Array.of(1000, -1000, 0) : new Float32Array(tensor.data.length),
        }));
        await session.restore({ ...start, parameters });
        const { images } = makeBatch(denseNet, 1, 22);
        const { loss } = await session.step({ images, labels: ndarray(Uint8Array.of(1)) }, readGradient);
        assertRelative('loss', [loss], [2000], 1e-6);
      }),
  };
}
