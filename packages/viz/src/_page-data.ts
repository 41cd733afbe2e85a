/** What a committee block hands to the script of its page, as JSON. */
export interface CommitteePageData {
  /** Images of the whole test set. */
  readonly count: number;
  readonly classNames: readonly string[];
  readonly memberNames: readonly string[];
  /** The images that some net gets wrong, in the order in which they are shown: position in the test set and true class. */
  readonly contested: readonly (readonly [index: number, label: number])[];
  /** float32, little endian, base64: [contested, members, classes]. */
  readonly probabilities: string;
}
