import type { AccuracyInterval } from '@mnist/ensemble';
import { augmentationNames, type DatasetChoice, type MemberConfig } from '../experiment/config.js';
import { DamagedFileError } from '../ui/errors.js';

/** Written beside the nets of an exported committee. */
export const committeeFile = 'committee.json';

/** Where an exported committee comes from, and what it achieves. */
export interface CommitteeFile {
  readonly format: 1;
  readonly combination: 'mean of probabilities';
  readonly dataset: DatasetChoice;
  /** SHA-256 of the pixels and labels that the nets were trained on and tested with. */
  readonly data: { readonly train: string; readonly test: string };
  readonly recipe: Omit<MemberConfig, 'dataset' | 'engine'>;
  /** Of the population. */
  readonly seed: number;
  readonly nets: readonly {
    /** The net's folder beside this file. */
    readonly name: string;
    readonly index: number;
    readonly seed: number;
    readonly computedBy: string;
    /** On the test images, in half precision as it lies here. */
    readonly errors: number;
    readonly errorsInFullPrecision: number;
  }[];
  readonly test: {
    readonly errors: number;
    readonly count: number;
    /** Wilson, 95 %. */
    readonly interval: AccuracyInterval;
    /** Full name of the engine that the nets were tested with. */
    readonly testedBy: string;
  };
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
    file?.format !== 1 ||
    !file.dataset?.kind ||
    !file.recipe?.net?.name ||
    !(augmentationNames as readonly unknown[]).includes(file.recipe.augmentation) ||
    !Array.isArray(file.nets) ||
    file.nets.length === 0 ||
    !file.nets.every(({ name, index }) => /^[\w-]+$/.test(name) && Number.isSafeInteger(index) && index >= 0)
  ) {
    throw new DamagedFileError(`${path}: no list of nets as \`example-mnist export\` writes it.`);
  }
  return file as CommitteeFile;
}
