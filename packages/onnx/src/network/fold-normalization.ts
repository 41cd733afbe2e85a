import { countConsumers } from './count-consumers.js';
import { fuseRelu } from './fuse-relu.js';
import type { Network, NetworkNode } from './network.js';

/**
 * Prepares a network for evaluation: a batch normalisation that alone reads a convolution's result becomes part of the
 * convolution's kernel and bias, which is exact (both are linear), and a ReLU after it is then fused.
 * Not folded: a normalisation after a ReLU, a sum or a pooling, or before a padded convolution.
 */
export function foldNormalization(network: Network): Network {
  const consumers = countConsumers(network);
  const producers = new Map(network.nodes.map((node) => [node.output, node]));
  const folded = new Map<NetworkNode, NetworkNode>();
  const absorbed = new Set<NetworkNode>();
  for (const node of network.nodes) {
    if (node.kind !== 'BatchNormalization') continue;
    const producer = producers.get(node.inputs[0]!);
    if (producer?.kind !== 'Conv2D' || producer.fusedRelu || consumers.get(producer.output) !== 1) continue;
    folded.set(producer, { ...producer, foldedNormalization: node, output: node.output });
    absorbed.add(node);
  }
  const nodes = network.nodes.filter((node) => !absorbed.has(node)).map((node) => folded.get(node) ?? node);
  return fuseRelu({ ...network, nodes });
}
