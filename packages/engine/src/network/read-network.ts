import { sizeOf } from '@mnist/kit';
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { EngineError } from '../engine-error.js';
import type { Network, NetworkNode, NetworkWeight } from './network.js';

type Layer = layers.Layer;

/** What tfjs keeps about one call of a layer. */
interface Call {
  readonly inputTensors: SymbolicTensor[];
}

/** Layers that hold a graph of layers of their own. */
interface NestedModel {
  readonly inputs: SymbolicTensor[];
  readonly outputs: SymbolicTensor[];
}

/**
 * Reads a sequential or functional LayersModel (nested models and shared layers included) as plain data.
 *
 * @throws EngineError UNSUPPORTED_MODEL when the model has several inputs or outputs
 */
export function readNetwork(model: LayersModel): Network {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new EngineError(
      'UNSUPPORTED_MODEL',
      `model "${model.name}" has ${model.inputs.length} inputs and ${model.outputs.length} outputs; ` +
        'expected one input of images and one output of logits',
    );
  }
  const reader = new NetworkReader(model);
  const input = model.inputs[0]!;
  const output = reader.value(model.outputs[0]!, new Map([[input.id, 0]]));
  return {
    inputShape: knownShape(input, model.name),
    nodes: reader.nodes,
    output,
    outputShape: knownShape(model.outputs[0]!, model.name),
    parameters: model.trainableWeights.map((variable) => reader.weight(variable.name)),
    statistics: model.nonTrainableWeights.map((variable) => reader.weight(variable.name)),
  };
}

class NetworkReader {
  readonly nodes: NetworkNode[] = [];
  readonly #weights = new Map<string, NetworkWeight>();
  #values = 1;

  constructor(model: LayersModel) {
    const trainable = new Set(model.trainableWeights.map((variable) => variable.name));
    for (const layer of leafLayers(model.layers)) {
      for (const variable of layer.weights) {
        const shape = variable.shape.map((size) => size ?? 0);
        const { name } = variable;
        this.#weights.set(name, { name, shape, size: sizeOf(shape), trainable: trainable.has(name) });
      }
    }
  }

  weight(name: string): NetworkWeight {
    const weight = this.#weights.get(name);
    if (weight === undefined) {
      throw new EngineError('UNSUPPORTED_MODEL', `weight "${name}" belongs to no layer of the model`);
    }
    return weight;
  }

  /** The number of the value that `tensor` stands for; reads the layers that lead to it. `known`: tensor id -> value. */
  value(tensor: SymbolicTensor, known: Map<number, number>): number {
    const existing = known.get(tensor.id);
    if (existing !== undefined) return existing;
    const layer = tensor.sourceLayer;
    const call = layer.inboundNodes[tensor.nodeIndex] as unknown as Call;
    const inputs = call.inputTensors.map((input) => this.value(input, known));
    const value = isNested(layer)
      ? this.#nested(layer, inputs, tensor)
      : this.#leaf(layer, inputs, call.inputTensors, tensor);
    known.set(tensor.id, value);
    return value;
  }

  #nested(model: Layer & NestedModel, inputs: number[], tensor: SymbolicTensor): number {
    const known = new Map(model.inputs.map((input, index) => [input.id, inputs[index]!]));
    return this.value(model.outputs[tensor.outputTensorIndex ?? 0]!, known);
  }

  #leaf(layer: Layer, inputs: number[], sources: SymbolicTensor[], tensor: SymbolicTensor): number {
    const kind = layer.getClassName();
    const config = layer.getConfig() as Record<string, unknown>;
    const outputShape = knownShape(tensor, layer.name);
    const activation = kind === 'Activation' ? undefined : config.activation;
    const main = this.#push({
      layer: layer.name,
      kind,
      config,
      inputs,
      inputShapes: sources.map((source) => knownShape(source, layer.name)),
      outputShape,
      weights: layer.weights.map((variable) => this.weight(variable.name)),
    });
    if (typeof activation !== 'string' || activation === 'linear') return main;
    return this.#push({
      layer: layer.name,
      kind: 'Activation',
      config: { activation },
      inputs: [main],
      inputShapes: [outputShape],
      outputShape,
      weights: [],
    });
  }

  #push(node: Omit<NetworkNode, 'output'>): number {
    const output = this.#values++;
    this.nodes.push({ ...node, output });
    return output;
  }
}

function isNested(layer: Layer): layer is Layer & NestedModel {
  return 'inputs' in layer && 'outputs' in layer && 'layers' in layer;
}

function leafLayers(all: readonly Layer[]): Layer[] {
  return all.flatMap((layer) =>
    isNested(layer) ? leafLayers((layer as unknown as { layers: Layer[] }).layers) : [layer],
  );
}

function knownShape(tensor: SymbolicTensor, layer: string): number[] {
  return tensor.shape.slice(1).map((size, axis) => {
    if (size === null || size === undefined) {
      throw new EngineError(
        'UNSUPPORTED_MODEL',
        `layer "${layer}": axis ${axis + 1} of the shape [${tensor.shape.map((s) => s ?? 'any').join(', ')}] ` +
          'is unknown; give the model a full inputShape (only the batch size may vary)',
      );
    }
    return size;
  });
}
