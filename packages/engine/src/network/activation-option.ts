import { numberOption, unsupportedLayer } from './layer-options.js';
import type { NetworkNode } from './network.js';

/** The function of an activation layer, whichever of tfjs's layers says it. */
export type ActivationFunction =
  | { readonly name: 'linear' }
  | { readonly name: 'relu' }
  | { readonly name: 'sigmoid' | 'tanh' | 'gelu' }
  /** Over the last axis. */
  | { readonly name: 'softmax' }
  /** min(max(x, 0), limit), limit above 0. */
  | { readonly name: 'clippedRelu'; readonly limit: number }
  /** x where x > 0, else alpha x (leakyRelu) or alpha (e^x - 1) (elu). */
  | { readonly name: 'leakyRelu' | 'elu'; readonly alpha: number };

/** Of an Activation, ReLU, LeakyReLU, ELU or Softmax. */
export function activationOption(node: NetworkNode): ActivationFunction {
  switch (node.kind) {
    case 'ReLU':
      return rectifier(node);
    case 'LeakyReLU':
      return { name: 'leakyRelu', alpha: numberOption(node, 'alpha') };
    case 'ELU':
      return { name: 'elu', alpha: node.config.alpha === undefined ? 1 : numberOption(node, 'alpha') };
    case 'Softmax':
      return softmax(node);
    default:
      return named(node, String(node.config.activation));
  }
}

function named(node: NetworkNode, name: string): ActivationFunction {
  switch (name) {
    case 'linear':
    case 'relu':
    case 'sigmoid':
    case 'tanh':
    case 'gelu':
      return { name };
    case 'relu6':
      return { name: 'clippedRelu', limit: 6 };
    case 'elu':
      return { name, alpha: 1 };
    case 'softmax':
      return softmax(node);
    default:
      throw unsupportedLayer(
        node,
        `activation "${name}"`,
        'linear, relu, relu6, leaky relu, elu, gelu, sigmoid, tanh, softmax',
      );
  }
}

function rectifier(node: NetworkNode): ActivationFunction {
  const limit = node.config.maxValue ?? null;
  if (limit === null) return { name: 'relu' };
  if (typeof limit === 'number' && limit > 0) return { name: 'clippedRelu', limit };
  throw unsupportedLayer(node, `maxValue is ${JSON.stringify(limit)}`, 'none, or a number above 0');
}

function softmax(node: NetworkNode): ActivationFunction {
  const axis = node.config.axis ?? -1;
  if (axis === -1 || axis === node.outputShape.length) return { name: 'softmax' };
  throw unsupportedLayer(node, `softmax over axis ${JSON.stringify(axis)}`, 'the last axis (-1)');
}
