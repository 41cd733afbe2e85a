import { countConsumers } from './count-consumers.js';
import type { Network, NetworkNode } from './network.js';

const FUSES_RELU = new Set(['Conv2D']);

/**
 * Joins a ReLU to the convolution that alone feeds it, so that a lowering may compute both in one pass.
 * The result is the same: max(0, x) applied to the same numbers.
 */
export function fuseRelu(network: Network): Network {
  const consumers = countConsumers(network);
  const producers = new Map(network.nodes.map((node) => [node.output, node]));
  const fused = new Map<number, NetworkNode>();
  const absorbed = new Set<NetworkNode>();
  for (const node of network.nodes) {
    if (!isRelu(node)) continue;
    const producer = producers.get(node.inputs[0]!);
    if (producer === undefined || !FUSES_RELU.has(producer.kind) || producer.fusedRelu) continue;
    if (consumers.get(producer.output) !== 1) continue;
    fused.set(producer.output, { ...producer, fusedRelu: true, output: node.output });
    absorbed.add(node);
  }
  const nodes = network.nodes
    .filter((node) => !absorbed.has(node))
    .map((node) => fused.get(node.output) ?? node);
  return { ...network, nodes };
}

function isRelu(node: NetworkNode): boolean {
  if (node.kind === 'Activation') return node.config.activation === 'relu';
  return node.kind === 'ReLU' && (node.config.maxValue === undefined || node.config.maxValue === null);
}
