/** How one net is trained: plain JSON, stored with the net, and all that decides its weights besides its seed. */
export interface MemberConfig {
  readonly dataset: DatasetChoice;
  readonly net: NetChoice;
  /** Epochs of the main schedule. */
  readonly epochs: number;
  /** Further epochs on the cosine from the last learning rate down to a thousandth of it. Default 0. */
  readonly annihilationEpochs: number;
  readonly batchSize: number;
  readonly schedule: ScheduleChoice;
  /** Adam's beta1. */
  readonly momentum: number;
  readonly weightDecay: number;
  readonly augmentation: AugmentationName;
  /** The net takes the exponential moving average of its weights over the steps, with this half-life in steps. Default: the last weights. */
  readonly weightAverage?: { readonly halfLife: number };
  /** To compare recipes without a look at the test images. Default: all training images, tested on the test images. */
  readonly holdOut?: HoldOut;
  /** Full name of the engine, such as 'onnx:cpu'. */
  readonly engine: string;
}

/** The published data set by name, one of the user's own, or drawn digits where it cannot be had. */
export type DatasetChoice =
  | {
      readonly kind: 'published';
      readonly name: string /** Only the first so many training images. */;
      readonly limit?: number;
    }
  | {
      readonly kind: 'own';
      /** Absolute path of what `readDataset` reads. */
      readonly place: string;
      /** Written with the nets, so that they can answer where the data are not. */
      readonly classNames: readonly string[];
      readonly limit?: number;
    }
  | {
      readonly kind: 'synthetic';
      readonly trainCount: number;
      readonly testCount: number;
      readonly seed: number;
    };

export interface NetChoice {
  /** A name in the model zoo. */
  readonly name: string;
  /** Channels of the three stages, for `committee` and `compact`. */
  readonly widths?: readonly [number, number, number];
}

export type ScheduleChoice =
  /** Cosine from peak/20 up to the peak over the first fifth of the steps, cosine down to peak/1000 over the rest. */
  | { readonly kind: 'oneCycle'; readonly peak: number }
  /** From `start` to `end` over the main epochs. */
  | { readonly kind: 'exponential'; readonly start: number; readonly end: number };

/**
 * The training images are cut into `blocks` runs of neighbours, because neighbours often come from one writer. Nets 2k and 2k + 1 of
 * a population train without block k mod `blocks` and are tested on it.
 */
interface HoldOut {
  readonly blocks: number;
}

/**
 * `none`: the centred view only. `exact`: the original's five steps. `fused`: the same geometry in one resampling. `elastic`: `fused`
 * with a smooth random field (sigma 4, alpha 20: 0.8 pixels) in place of the mesh.
 */
export const augmentationNames = ['none', 'exact', 'fused', 'elastic'] as const;
export type AugmentationName = (typeof augmentationNames)[number];
