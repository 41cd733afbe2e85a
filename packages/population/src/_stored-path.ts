import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of one name: what Linux, macOS and Windows file systems take. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 1024;

/**
 * Why a path from a file or a message may not be used below a folder, or undefined. It must be relative, with `/`,
 * without steps upwards, and nothing that one of the platforms reads as a drive, a stream or a separator.
 */
export function pathFault(path: string): string | undefined {
  const parts = path.split('/');
  if (parts.some((part) => ['', '.', '..'].includes(part)) || /[\\:\0]/.test(path)) {
    return `the path ${JSON.stringify(path.slice(0, 100))}, which may lie outside its folder`;
  }
  if (
    Buffer.byteLength(path) > LONGEST_PATH ||
    parts.some((part) => Buffer.byteLength(part) > LONGEST_NAME)
  ) {
    return `the path ${JSON.stringify(path.slice(0, 60))}..., which is longer than file systems take`;
  }
  return undefined;
}

/** As pathFault, for all paths of one folder: none twice, and none that is a file and a folder. */
export function pathsFault(paths: readonly string[]): string | undefined {
  const files = new Set<string>();
  for (const path of paths) {
    const fault = pathFault(path);
    if (fault !== undefined) return fault;
    if (files.has(path)) return `the path ${JSON.stringify(path)} twice`;
    files.add(path);
  }
  for (const path of paths) {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end);
      if (files.has(folder)) return `${JSON.stringify(folder)} as a file and as a folder`;
    }
  }
  return undefined;
}

/**
 * Size of a plain file below `folder`, or what stands in its place. No step of the way may be a symbolic link: behind
 * one lies something that nobody vouches for, however equal it looks today.
 *
 * @param path relative, checked by pathFault
 */
export async function plainFileSize(folder: string, path: string): Promise<number | 'link' | 'nothing'> {
  let full = folder;
  let info = await lstat(full).catch(absent);
  for (const part of path.split('/')) {
    if (info?.isSymbolicLink()) return 'link';
    full = join(full, part);
    info = await lstat(full).catch(absent);
  }
  if (info?.isSymbolicLink()) return 'link';
  return info?.isFile() ? info.size : 'nothing';
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(error.code ?? '')) return undefined;
  throw error;
}
