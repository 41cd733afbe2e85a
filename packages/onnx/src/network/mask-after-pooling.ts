import { countConsumers } from './count-consumers.js';
import type { Network, NetworkNode } from './network.js';

/**
 * Moves the mask of a ReLU's gradient behind the max pooling that alone reads it, where the images are smaller. The
 * pooling gives each gradient to the maximum of its window, so it reaches a pixel at or below 0 only where the whole
 * window, and with it the pooled value, is at or below 0.
 */
export function maskAfterPooling(network: Network): Network {
  const consumers = countConsumers(network);
  const producers = new Map(network.nodes.map((node) => [node.output, node]));
  const marked = new Set<NetworkNode>();
  for (const node of network.nodes) {
    const producer = producers.get(node.inputs[0]!);
    if (node.kind !== 'MaxPooling2D' || !producer?.fusedRelu || consumers.get(producer.output) !== 1)
      continue;
    marked.add(node).add(producer);
  }
  const nodes = network.nodes.map((node) =>
    marked.has(node) ? { ...node, reluMaskedByPooling: true } : node,
  );
  return { ...network, nodes };
}
