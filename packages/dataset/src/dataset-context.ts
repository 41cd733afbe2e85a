import { type CatalogueEntry, catalogue, type DatasetName } from './catalogue.js';

/** What `loadDataset` takes from its surroundings. Every part can be replaced, in tests for instance. */
export interface DatasetContext {
  /** Default: `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: the user's home folder. */
  readonly home: string;
  /** Whose habits decide where the cache lies: 'linux', 'darwin', 'win32', ... Default: `process.platform`. */
  readonly platform: string;
  /** Folder under which the system keeps data sets, one folder a set. Default: Debian's `/usr/share/datasets`. */
  readonly systemFolder: string;
  /** Default: the global `fetch`, through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. */
  readonly fetch: typeof globalThis.fetch;
  /** What is known of the published sets. Default: `catalogue`. */
  readonly catalogue: Readonly<Record<DatasetName, CatalogueEntry>>;
  /** Addresses instead of the published ones: base addresses, or the archive's own address for EMNIST. */
  readonly mirrors?: readonly string[];
  /** Milliseconds to wait for an answer, and for each further piece of it. Default 15,000. */
  readonly timeout: number;
  /** Attempts at one mirror when the fault may pass (time-out, broken connection, HTTP 429 or 5xx). Default 3. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubles each time. Default 500. */
  readonly retryDelay: number;
}

/** The part of a context that is the same everywhere. */
export const contextDefaults = {
  systemFolder: '/usr/share/datasets',
  catalogue,
  mirrors: undefined,
  timeout: 15_000,
  attempts: 3,
  retryDelay: 500,
} as const satisfies Partial<DatasetContext>;

export const contextNames = [...Object.keys(contextDefaults), 'env', 'home', 'platform', 'fetch'];
