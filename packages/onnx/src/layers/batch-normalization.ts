import { type NetworkWeight, normalizationOptions } from '@mnist/engine';
import { channelsOf, valuesPerChannel } from '../lowering/tensor.js';
import { evaluationAffine } from './evaluation-affine.js';
import type { LayerCompiler } from './layer-compiler.js';

/**
 * Batch normalisation (Ioffe and Szegedy, 2015): y = gamma (x - mean) / sqrt(variance + epsilon) + beta.
 *
 * With c = x - mean, r = 1 / sqrt(variance + epsilon) and s = r c:
 * dbeta = sum dy, dgamma = sum dy s, dx = gamma r (dy - mean(dy) - s mean(dy s)).
 * The variance is the mean of c^2, never E[x^2] - mean^2, which cancels where |mean| is much larger than the deviation.
 * The running variance moves towards the unbiased batch variance, as in PyTorch.
 */
export const batchNormalization: LayerCompiler = (node, [x], context) => {
  const { lowering, weight, training } = context;
  const { graph } = lowering;
  const { gamma, beta, movingMean, movingVariance, momentum, epsilon } = normalizationOptions(node);
  const input = lowering.image(x!);
  if (!training) {
    const { scale, shift } = evaluationAffine(graph, node, weight);
    const output = lowering.scaleChannels(input, scale, shift);
    return { output, backward: () => undefined };
  }
  const count = valuesPerChannel(input);
  const channels = channelsOf(input);
  const ones = graph.constant(new Float32Array(channels).fill(1), [channels]);

  const mean = lowering.channelMean(input);
  const centred = lowering.scaleChannels(input, ones, graph.negate(mean));
  const variance = lowering.channelMeanProduct(centred, centred);
  const padded = graph.add(variance, graph.scalar(epsilon));
  const inverse = graph.node('Reciprocal', [graph.node('Sqrt', [padded])]);
  const scale = gamma ? graph.multiply(weight(gamma), inverse) : inverse;
  const output = lowering.scaleChannels(centred, scale, beta && weight(beta));
  moveTowards(movingMean, mean);
  moveTowards(movingVariance, graph.multiply(variance, graph.scalar(count > 1 ? count / (count - 1) : 1)));
  return {
    output,
    backward(gradient, sink) {
      const dy = lowering.image(gradient);
      const meanDy = lowering.channelMean(dy);
      const meanDyNormalised = graph.multiply(lowering.channelMeanProduct(dy, centred), inverse);
      const total = graph.scalar(count);
      if (beta && sink.wantsWeight(beta)) sink.weight(beta, graph.multiply(meanDy, total));
      if (gamma && sink.wantsWeight(gamma)) sink.weight(gamma, graph.multiply(meanDyNormalised, total));
      if (!sink.wantsInput(0)) return;
      sink.input(0, () => {
        const slope = graph.negate(graph.multiply(graph.multiply(scale, inverse), meanDyNormalised));
        const offset = graph.negate(graph.multiply(scale, meanDy));
        return lowering.scaleChannels(dy, scale, undefined, lowering.scaleChannels(centred, slope, offset));
      });
    },
  };

  function moveTowards(statistic: NetworkWeight, value: string): void {
    const kept = graph.multiply(weight(statistic), graph.scalar(momentum));
    context.updateStatistic(statistic, graph.add(kept, graph.multiply(value, graph.scalar(1 - momentum))));
  }
};
