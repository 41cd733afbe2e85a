import type { Committee } from '@mnist/pretrained';
import { augmentationNames, type DatasetChoice, type MemberConfig } from '../experiment/config.js';
import { DamagedFileError } from '../ui/errors.js';

/** Written beside the nets of an exported committee. */
export const committeeFile = 'committee.json';

/** A committee as `@mnist/pretrained` ships them, of any data set and recipe that this program knows. */
export interface CommitteeFile extends Omit<Committee, 'dataset' | 'recipe'> {
  readonly dataset: DatasetChoice;
  readonly recipe: Omit<MemberConfig, 'dataset' | 'engine'> & Pick<Committee['recipe'], 'distillation'>;
}

/** @throws DamagedFileError for a file that this program did not write */
export function parseCommitteeFile(path: string, text: string): CommitteeFile {
  let file: Partial<CommitteeFile> | null;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new DamagedFileError(`${path}: not readable as JSON (${(error as Error).message}).`);
  }
  if (
    file?.format !== 2 ||
    !file.dataset?.kind ||
    !file.recipe?.net?.name ||
    !(augmentationNames as readonly unknown[]).includes(file.recipe.augmentation) ||
    !Array.isArray(file.test?.mistakes) ||
    !Array.isArray(file.nets) ||
    file.nets.length === 0 ||
    !file.nets.every(({ name, index }) => /^[\w-]+$/.test(name) && Number.isSafeInteger(index) && index >= 0)
  ) {
    throw new DamagedFileError(
      `${path}: no list of nets as this version's \`example-mnist export\` writes it (format 2). Export the population again.`,
    );
  }
  return file as CommitteeFile;
}
