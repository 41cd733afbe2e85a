import { readNetwork, type SessionPlan } from '@mnist/engine';
import { describeLayer } from './describe-layer.js';

/**
 * A training as the JSON that the crate reads (`crate/src/spec.rs`): the net's layers in the order of computation, loss,
 * optimiser, tensors. Tensors are numbered: parameters, then statistics.
 *
 * @throws EngineError UNSUPPORTED_LAYER, UNSUPPORTED_MODEL
 */
export function describeNetwork(plan: SessionPlan): string {
  const { model, parameters, statistics, loss, optimizer } = plan;
  const network = readNetwork(model);
  const variables = [...model.trainableWeights, ...model.nonTrainableWeights];
  const numbers = new Map(variables.map(({ name }, number) => [name, number]));
  let dropouts = 0;
  const layers = network.nodes.map((node) => {
    const { op, weights } = describeLayer(node);
    return {
      name: node.layer,
      op: op.kind === 'dropout' ? { ...op, number: dropouts++ } : op,
      inputs: node.inputs,
      output: node.output,
      inputShapes: node.inputShapes,
      outputShape: node.outputShape,
      tensors: weights.map((weight) => (weight === undefined ? null : numbers.get(weight.name)!)),
    };
  });
  const tensors = (infos: SessionPlan['parameters']) => infos.map(({ name, shape }) => ({ name, shape }));
  return JSON.stringify({
    inputShape: plan.imageShape,
    batchSize: plan.batchSize,
    classes: plan.classes,
    seed: plan.seed,
    // Label smoothing is in the targets.
    loss: { kind: loss.kind },
    optimizer,
    parameters: tensors(parameters),
    statistics: tensors(statistics),
    layers,
    output: network.output,
  });
}
