import { corrupt } from './_model-file.js';

interface SavedModel {
  readonly class_name?: unknown;
  readonly config?: unknown;
}

interface SavedLayer extends SavedModel {
  readonly name?: unknown;
  readonly inbound_nodes?: unknown;
}

/** Kinds that exist as a node of the graph before any layer is applied to another. */
const STARTS_AS_NODE = new Set(['InputLayer', 'Model', 'Functional', 'Sequential']);

/**
 * Walks the connections of a saved functional model as TensorFlow.js will, nested models included. tfjs waits for ever
 * for a layer that never comes, so a damaged name in `model.json` would hang the reader.
 */
export function checkGraph(path: string, topology: object): void {
  const model = 'model_config' in topology ? topology.model_config : topology;
  if (typeof model === 'object' && model !== null) checkModel(path, model);
}

function checkModel(path: string, model: SavedModel): void {
  const { config } = model;
  const listed = Array.isArray(config) ? config : (config as { layers?: unknown } | undefined)?.layers;
  if (!Array.isArray(listed)) return;
  const layers = listed.filter((layer): layer is SavedLayer => typeof layer === 'object' && layer !== null);
  for (const layer of layers) checkModel(path, layer);

  const nodesOf = new Map<unknown, number>();
  for (const { name, class_name } of layers)
    nodesOf.set(name, STARTS_AS_NODE.has(class_name as string) ? 1 : 0);
  let waiting = layers.flatMap(({ name, inbound_nodes: nodes }) =>
    asNodes(path, name, nodes).map((inputs) => ({ name, inputs })),
  );
  for (let before = waiting.length + 1; waiting.length > 0 && waiting.length < before; ) {
    before = waiting.length;
    waiting = waiting.filter(({ name, inputs }) => {
      const ready = inputs.every(([layer, node]) => node < (nodesOf.get(layer) ?? 0));
      if (ready) nodesOf.set(name, nodesOf.get(name)! + 1);
      return !ready;
    });
  }
  const stuck = waiting[0];
  if (stuck !== undefined) {
    throw corrupt(
      path,
      `its layer '${String(stuck.name)}' takes ${JSON.stringify(stuck.inputs)}, which nothing gives`,
      'inputs from other layers of the model, without a circle',
    );
  }
}

/** Of each node of a layer, [layer name, index of its node] of each input. A Sequential's layers have none. */
function asNodes(path: string, name: unknown, nodes: unknown): [string, number][][] {
  if (nodes === undefined) return [];
  const malformed = (part: unknown) =>
    corrupt(
      path,
      `the inbound_nodes of its layer '${String(name)}' hold ${JSON.stringify(part)?.slice(0, 80)}`,
      'lists of [layer name, node, output], as TensorFlow.js writes them',
    );
  if (!Array.isArray(nodes)) throw malformed(nodes);
  return nodes.map((inputs) => {
    // Of a node without inputs TensorFlow.js makes nothing, and the layers that take it would wait for ever.
    if (!Array.isArray(inputs) || inputs.length === 0) throw malformed(inputs);
    return inputs.map((input) => {
      if (!Array.isArray(input) || typeof input[0] !== 'string' || !isIndex(input[1]) || !isIndex(input[2])) {
        throw malformed(input);
      }
      return [input[0], input[1]];
    });
  });
}

const isIndex = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
