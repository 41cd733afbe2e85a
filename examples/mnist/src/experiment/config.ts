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
  /** Full name of the engine, such as 'onnx:cpu'. */
  readonly engine: string;
}

/** The published data set by name, or drawn digits where it cannot be had. */
export type DatasetChoice =
  | {
      readonly kind: 'published';
      readonly name: string /** Only the first so many training images. */;
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

/** `none`: the centred view only. `exact`: the original's five steps. `fused`: the same geometry in one resampling. */
export const augmentationNames = ['none', 'exact', 'fused'] as const;
export type AugmentationName = (typeof augmentationNames)[number];
