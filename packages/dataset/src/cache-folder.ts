import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { DatasetContext } from './dataset-context.js';

/** Where downloads are kept: `<user's cache folder>/mnist-datasets/<name>`. */
export function cacheFolder(
  name: string,
  {
    env = process.env,
    home = homedir(),
    platform = process.platform,
  }: Partial<Pick<DatasetContext, 'env' | 'home' | 'platform'>> = {},
): string {
  let base: string;
  // The XDG specification ignores relative paths.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) base = env.XDG_CACHE_HOME;
  else if (platform === 'darwin') base = join(home, 'Library', 'Caches');
  else if (platform === 'win32') base = env.LOCALAPPDATA ?? join(home, 'AppData', 'Local');
  else base = join(home, '.cache');
  return join(base, 'mnist-datasets', name);
}
