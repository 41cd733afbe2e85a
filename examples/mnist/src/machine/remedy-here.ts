import type { NvidiaGpu } from './gpus.js';

/**
 * An engine's remedy as a command for the root of this workspace, where `npm install` of one package would not do; undefined where
 * no command mends it.
 */
export function remedyHere(
  name: string,
  remedy: string | undefined,
  nvidia: readonly NvidiaGpu[],
): string | undefined {
  if (!name.startsWith('tfjs:')) return remedy;
  const build = (kind: string) =>
    `packages/tfjs/scripts/build-tfjs-node.sh ~/tfjs-node ${kind} && export MNIST_TFJS_NODE_FOLDER=~/tfjs-node`;
  if (name === 'tfjs:tensorflow') return remedy && build('cpu');
  if (nvidia.length === 0) return undefined;
  // The wheels of a current TensorFlow bring CUDA 12.5; an older driver is served by the published build alone.
  return nvidia.every(({ cuda }) => Number(cuda) >= 12.5) ? build('gpu') : 'npm run start:cuda';
}
