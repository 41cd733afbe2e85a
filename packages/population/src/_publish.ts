import { rename, rm } from 'node:fs/promises';
import { exists, syncFolder } from '@mnist/kit/files';
import { layoutOf } from './_layout.js';

/**
 * Moves a finished net from its staging folder to its place. Idempotent: when the net has arrived already, the
 * later copy is thrown away.
 * @returns whether this call published it
 */
export async function publishNet(folder: string, index: number, stagingFolder: string): Promise<boolean> {
  const layout = layoutOf(folder);
  const target = layout.net(index);
  try {
    if (!(await exists(target))) {
      await rename(stagingFolder, target);
      await syncFolder(layout.nets);
      return true;
    }
  } catch (error) {
    // A net's folder is never empty, so a rename onto it fails on every platform, with differing codes.
    if (!(await exists(target))) throw error;
  }
  await rm(stagingFolder, { recursive: true, force: true });
  return false;
}

/** Whether the net has been published; its files may still be damaged. */
export async function isPublished(folder: string, index: number): Promise<boolean> {
  return exists(layoutOf(folder).net(index));
}
