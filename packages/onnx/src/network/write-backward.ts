import type { NetworkWeight } from '@mnist/engine';
import type { GradientSink } from '../layers/layer-compiler.js';
import { combine } from '../layers/merge.js';
import type { Lowering } from '../lowering/lowering.js';
import type { Tensor } from '../lowering/tensor.js';
import type { Network } from './network.js';
import type { WrittenLayer } from './write-forward.js';

/**
 * Writes the backward pass: reverse-mode differentiation, last layer first. A value that several layers read gets the
 * sum of what each of them delivers.
 *
 * @param gradient of the loss with respect to the network's output
 * @returns gradients by weight name, in its own shape; a trainable weight that does not act on the loss is absent
 */
export function writeBackward(
  network: Network,
  layers: readonly WrittenLayer[],
  gradient: Tensor,
  lowering: Lowering,
): Map<string, string> {
  const { graph } = lowering;
  const gradients = new Map<number, Tensor>([[network.output, gradient]]);
  const weightGradients = new Map<string, string>();
  const trainable = valuesThatDependOnWeights(network);
  for (const { node, compiled } of layers.toReversed()) {
    const arriving = gradients.get(node.output);
    if (arriving === undefined) continue;
    graph.label = `gradient ${node.layer}`;
    const sink: GradientSink = {
      wantsInput: (index) => trainable.has(node.inputs[index]!),
      input(index, deliver, addsPartial = false) {
        const value = node.inputs[index]!;
        const partial = gradients.get(value);
        const delivered = deliver(partial);
        const sum = partial && !addsPartial ? combine(lowering, 'Add', partial, delivered) : delivered;
        gradients.set(value, sum);
      },
      wantsWeight: (weight: NetworkWeight) => weight.trainable,
      weight(weight, delivered) {
        const partial = weightGradients.get(weight.name);
        const sum = partial === undefined ? delivered : sumOf(weight, partial, delivered);
        weightGradients.set(weight.name, sum);
      },
    };
    compiled.backward(arriving, sink);
  }
  return weightGradients;

  function sumOf(weight: NetworkWeight, a: string, b: string): string {
    return graph.add(graph.reshape(a, weight.shape), graph.reshape(b, weight.shape));
  }
}

/** The values whose gradient leads to a trainable weight. */
function valuesThatDependOnWeights(network: Network): Set<number> {
  const found = new Set<number>();
  for (const node of network.nodes) {
    const depends = node.weights.some((weight) => weight.trainable);
    if (depends || node.inputs.some((input) => found.has(input))) found.add(node.output);
  }
  return found;
}
