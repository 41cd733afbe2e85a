/** How far a download is. */
export interface DownloadProgress {
  /** Published name of the file. */
  readonly file: string;
  readonly url: string;
  readonly receivedBytes: number;
  /** Undefined when the mirror does not say. */
  readonly totalBytes: number | undefined;
  /** From 1. */
  readonly attempt: number;
}
