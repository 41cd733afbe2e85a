import { catalogue, type DatasetName } from '@mnist/dataset';
import type { DatasetChoice } from '../experiment/config.js';

/** What the outputs of a net mean. Drawn digits have the classes of MNIST. */
export function classNamesOf(choice: DatasetChoice): readonly string[] {
  return catalogue[choice.kind === 'synthetic' ? 'mnist' : (choice.name as DatasetName)].classNames;
}
