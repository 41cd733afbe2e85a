/** One line of `doctor`. */
export interface Finding {
  readonly name: string;
  /** `info`: worth knowing, nothing is wrong. */
  readonly state: 'ok' | 'info' | 'problem';
  readonly text: string;
  /** The one command that mends it, in the repository's root. */
  readonly remedy?: string;
}
