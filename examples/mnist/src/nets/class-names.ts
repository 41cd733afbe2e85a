import { catalogue, type DatasetName } from '@mnist/dataset';
import type { normalisations } from '@mnist/handwriting';
import type { DatasetChoice } from '../experiment/config.js';

/** What the outputs of a net mean. Drawn digits have the classes of MNIST. */
export function classNamesOf(choice: DatasetChoice): readonly string[] {
  if (choice.kind === 'own') return choice.classNames;
  return catalogue[choice.kind === 'synthetic' ? 'mnist' : (choice.name as DatasetName)].classNames;
}

/**
 * How the images of a data set were laid into their square, and so how pictures for its nets must be; `whole` where the
 * user's own pictures were taken as they are.
 */
export function normalisationOf(choice: DatasetChoice): keyof typeof normalisations | 'whole' {
  if (choice.kind === 'own') return 'whole';
  if (choice.kind === 'synthetic' || /^q?mnist/.test(choice.name)) return 'mnist';
  return choice.name.startsWith('emnist') ? 'emnist' : 'fit';
}
