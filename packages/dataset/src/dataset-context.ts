import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type CatalogueEntry, catalogue, type DatasetName } from './catalogue.js';

/** What `loadDataset` takes from its surroundings. Every part can be replaced, in tests for instance. */
export interface DatasetContext {
  /** Default: `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: the user's home folder. */
  readonly home: string;
  /** Default: `process.platform`. */
  readonly platform: NodeJS.Platform;
  /** Folder under which the system keeps data sets, one folder a set. Default: Debian's `/usr/share/datasets`. */
  readonly systemFolder: string;
  /** Default: the global `fetch`. */
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

export const contextNames = [
  'env',
  'home',
  'platform',
  'systemFolder',
  'fetch',
  'catalogue',
  'mirrors',
  'timeout',
  'attempts',
  'retryDelay',
] as const satisfies readonly (keyof DatasetContext)[];

/** The surroundings as they are. */
export function defaultContext(): DatasetContext {
  return {
    env: process.env,
    home: homedir(),
    platform: process.platform,
    systemFolder: '/usr/share/datasets',
    fetch: globalThis.fetch,
    catalogue,
    timeout: 15_000,
    attempts: 3,
    retryDelay: 500,
  };
}

/** Where downloads are kept: `<user's cache folder>/mnist-datasets/<name>`. */
export function cacheFolder(
  name: string,
  context: Pick<DatasetContext, 'env' | 'home' | 'platform'> = defaultContext(),
): string {
  const { env, home, platform } = context;
  let base: string;
  // The XDG specification ignores relative paths.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) base = env.XDG_CACHE_HOME;
  else if (platform === 'darwin') base = join(home, 'Library', 'Caches');
  else if (platform === 'win32') base = env.LOCALAPPDATA ?? join(home, 'AppData', 'Local');
  else base = join(home, '.cache');
  return join(base, 'mnist-datasets', name);
}
