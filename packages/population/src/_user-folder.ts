import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PopulationError } from './population-error.js';

/**
 * A folder of this user's own in the temporary folder, which all users of a machine share: one name for all would belong
 * to whoever came first, and could be laid out beforehand by somebody else.
 *
 * @throws PopulationError `STORAGE_FAILED`
 */
export async function userFolder(purpose: string): Promise<string> {
  const { uid, username } = userInfo();
  const path = join(tmpdir(), `${purpose}-${uid >= 0 ? uid : username.replaceAll(/\W/g, '_')}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const info = await lstat(path);
  if (info.isDirectory() && (uid < 0 || info.uid === uid)) return path;
  throw new PopulationError(
    'STORAGE_FAILED',
    `${path} belongs to another user, or is no folder. Remove it, or name a folder of your own.`,
  );
}
