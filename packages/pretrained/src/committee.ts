import { show } from '@mnist/kit';
import all from '../nets/committee.json' with { type: 'json' };
import compact from '../nets/distilled-compact.json' with { type: 'json' };
import double from '../nets/distilled-double.json' with { type: 'json' };
import { PretrainedError } from './pretrained-error.js';

/**
 * `committee`: all nets. `distilled-compact`, `distilled-double`: one net each, a committee of one, that learned from nets of the
 * committee; as wide as one of those, and twice as wide. The net has the same name.
 */
export type CommitteeName = 'committee' | 'distilled-compact' | 'distilled-double';

/** Where a committee comes from and what it achieves: `<name>.json`, which lies beside the nets. */
export interface Committee {
  /** Version of this form. */
  readonly format: 2;
  /** How the nets answer together: the class of the highest mean of their softmax outputs. */
  readonly combination: 'mean of probabilities';
  /** What the nets were trained on. */
  readonly dataset: { readonly kind: 'published'; readonly name: string };
  /** SHA-256 of the pixels and then the labels of its two parts, one byte each, in their order. */
  readonly data: { readonly train: string; readonly test: string };
  readonly recipe: CommitteeRecipe;
  /** From which, with its index alone, each net's own seed follows. */
  readonly seed: number;
  readonly nets: readonly CommitteeNet[];
  readonly test: CommitteeTest;
}

/** How each of the nets was trained. */
export interface CommitteeRecipe {
  /** A net of the zoo of `@mnist/models`, and the channels of its three stages. */
  readonly net: { readonly name: string; readonly widths?: readonly [number, number, number] };
  readonly epochs: number;
  /** Further epochs, on a cosine from the last learning rate down to a thousandth of it. */
  readonly annihilationEpochs: number;
  readonly batchSize: number;
  /** Learning rates: one cycle up to `peak`, or from `start` to `end` exponentially. */
  readonly schedule:
    | { readonly kind: 'oneCycle'; readonly peak: number }
    | { readonly kind: 'exponential'; readonly start: number; readonly end: number };
  /** Adam's beta1. */
  readonly momentum: number;
  readonly weightDecay: number;
  /**
   * What the training images went through, and so how an image must be shown to these nets: for `fused` by
   * `fusedEvaluationPipeline()` of `@mnist/augment`, for `elastic` by the same with `{ mesh: 0 }`, else by its `evaluationPipeline()`.
   */
  readonly augmentation: 'none' | 'exact' | 'fused' | 'elastic';
  /** The nets are the moving average of their weights, with this half-life in steps. */
  readonly weightAverage?: { readonly halfLife: number };
  /** The nets learned from the mean probabilities of others on the very views that they saw. Else from the labels alone. */
  readonly distillation?: {
    /** SHA-256 of `weights.bin` of each teacher. */
    readonly teachers: readonly string[];
    /** Weight of the label in a target, 0 to 1; the rest is the teachers'. */
    readonly labelShare: number;
  };
}

export interface CommitteeNet {
  /** Of its folder, such as `007` or `distilled-double`. */
  readonly name: string;
  /** In the population that it was trained with. */
  readonly index: number;
  readonly seed: number;
  /** What trained it: engine, kernels, instruction set. */
  readonly computedBy: string;
  /** Of the test images, by this net alone, in half precision as it lies here. */
  readonly errors: number;
  /** The same before its weights were rounded. */
  readonly errorsInFullPrecision: number;
  readonly files: { readonly 'model.json': NetFile; readonly 'weights.bin': NetFile };
}

export interface NetFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** What all nets together make of the test images. */
export interface CommitteeTest {
  readonly errors: number;
  readonly count: number;
  /** Of the accuracy, 0 to 1: Wilson's score interval at 95 %. */
  readonly interval: {
    readonly lower: number;
    readonly upper: number;
    readonly confidence: number;
    readonly method: 'wilson' | 'clopperPearson';
  };
  /** What computed it. Another engine rounds otherwise, which may move an answer. */
  readonly computedBy: string;
  /** Every image that the committee gets wrong, by its number in the test set. */
  readonly mistakes: readonly CommitteeMistake[];
}

export interface CommitteeMistake {
  readonly image: number;
  readonly label: number;
  readonly answer: number;
}

/** What is shipped, for this package's own use: nobody may change it. TypeScript widens what it reads as JSON. */
export const shipped = {
  committee: all,
  'distilled-compact': compact,
  'distilled-double': double,
} as unknown as Readonly<Record<CommitteeName, Committee>>;

/**
 * A committee that this package ships: its nets, how they were trained, and what they achieve. A copy, yours to keep.
 *
 * @param name default `committee`
 * @throws PretrainedError UNKNOWN_COMMITTEE
 */
export function committee(name: CommitteeName = 'committee'): Committee {
  if (Object.hasOwn(shipped, name)) return structuredClone(shipped[name]);
  throw new PretrainedError(
    'UNKNOWN_COMMITTEE',
    `committee: name is ${show(name)}; expected one of ${Object.keys(shipped)
      .map((known) => `'${known}'`)
      .join(', ')}.`,
  );
}
