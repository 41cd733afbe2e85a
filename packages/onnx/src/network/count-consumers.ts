import type { Network } from './network.js';

/** How many times each value is read; the network's output counts as a reader. */
export function countConsumers(network: Pick<Network, 'nodes' | 'output'>): Map<number, number> {
  const counts = new Map<number, number>([[network.output, 1]]);
  for (const node of network.nodes) {
    for (const input of node.inputs) counts.set(input, (counts.get(input) ?? 0) + 1);
  }
  return counts;
}
