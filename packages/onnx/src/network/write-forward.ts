import type { CompiledLayer, LayerContext } from '../layers/layer-compiler.js';
import { layerCompiler } from '../layers/layer-compilers.js';
import type { Tensor } from '../lowering/tensor.js';
import type { Network, NetworkNode } from './network.js';

export interface WrittenLayer {
  readonly node: NetworkNode;
  readonly compiled: CompiledLayer;
}

/** Writes the forward pass. Returns the result and the layers, in order, with their backward passes still unwritten. */
export function writeForward(
  network: Network,
  input: Tensor,
  context: LayerContext,
): { readonly output: Tensor; readonly layers: readonly WrittenLayer[] } {
  const { graph } = context.lowering;
  const values = new Map<number, Tensor>([[0, input]]);
  const layers = network.nodes.map((node) => {
    graph.label = node.layer;
    const inputs = node.inputs.map((value) => values.get(value)!);
    const compiled = layerCompiler(node)(node, inputs, context);
    values.set(node.output, compiled.output);
    return { node, compiled };
  });
  return { output: values.get(network.output)!, layers };
}
