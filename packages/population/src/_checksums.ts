import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFile, syncFolder, writeAndSync } from '@mnist/kit/files';
import * as v from 'valibot';
import { hashFile, listFiles, listFolders } from './_folder-files.js';
import { FORMAT_VERSION, netFiles } from './_layout.js';
import { mapOf, readJsonFile, sha256, strictObject, wholeNumber } from './_read-json-file.js';
import { pathsFault, plainFileSize } from './_stored-path.js';
import { isShortage } from './_typed-errors.js';

export interface FileChecksum {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Checksums {
  /** By path relative to the net's folder, with `/`. */
  readonly files: ReadonlyMap<string, FileChecksum>;
  /** SHA-256 over every file but environment.json: equal digests mean equal nets. */
  readonly digest: string;
}

const checksumsSchema = strictObject({
  format: v.literal('mnist-population-net'),
  formatVersion: v.literal(FORMAT_VERSION),
  files: mapOf(v.string(), strictObject({ bytes: wholeNumber, sha256 })),
  digest: sha256,
});

/** Hashes and syncs every file of a finished net, then writes checksums.json, whose presence says 'complete'. */
export async function writeChecksums(folder: string): Promise<Checksums> {
  const files = new Map<string, FileChecksum>();
  for (const path of await listFiles(folder)) {
    const full = join(folder, path);
    await syncFile(full);
    files.set(path, { bytes: (await stat(full)).size, sha256: await hashFile(full) });
  }
  const checksums = { files, digest: digestOf(files) };
  const stored = {
    format: 'mnist-population-net',
    formatVersion: FORMAT_VERSION,
    files: Object.fromEntries(files),
    digest: checksums.digest,
  };
  await writeAndSync(join(folder, netFiles.checksums), `${JSON.stringify(stored, null, 2)}\n`);
  for (const sub of [...(await listFolders(folder)), folder]) await syncFolder(sub);
  return checksums;
}

/** Throws a plain Error that says what is wrong, or ENOENT. */
export async function readChecksums(folder: string): Promise<Checksums> {
  if ((await plainFileSize(folder, netFiles.checksums)) === 'link') throw new Error('is a symbolic link');
  const { files, digest } = await readJsonFile(join(folder, netFiles.checksums), checksumsSchema);
  const fault = pathsFault([...files.keys(), netFiles.checksums]);
  if (fault !== undefined) throw new Error(`lists ${fault}`);
  if (digest !== digestOf(files)) throw new Error('has a digest that does not fit its files');
  return { files, digest };
}

/** What is wrong with one file, or undefined. */
export async function checkFile(
  folder: string,
  path: string,
  expected: FileChecksum,
): Promise<
  | {
      kind: 'missing' | 'link' | 'unreadable' | 'truncated' | 'oversized' | 'corrupt';
      expected: string;
      found: string;
    }
  | undefined
> {
  const wanted = `${expected.bytes} bytes with SHA-256 ${expected.sha256.slice(0, 12)}...`;
  let size: Awaited<ReturnType<typeof plainFileSize>>;
  let found: string | undefined;
  try {
    size = await plainFileSize(folder, path);
    if (size === expected.bytes) found = await hashFile(join(folder, path));
  } catch (error) {
    if (isShortage(error)) throw error;
    return { kind: 'unreadable', expected: wanted, found: (error as Error).message };
  }
  if (size === 'nothing') return { kind: 'missing', expected: wanted, found: 'no such file' };
  if (size === 'link') return { kind: 'link', expected: 'a file of its own', found: 'a symbolic link' };
  if (size !== expected.bytes) {
    return {
      kind: size < expected.bytes ? 'truncated' : 'oversized',
      expected: wanted,
      found: `${size} bytes`,
    };
  }
  if (found === expected.sha256) return undefined;
  return { kind: 'corrupt', expected: wanted, found: `SHA-256 ${found?.slice(0, 12)}...` };
}

function digestOf(files: ReadonlyMap<string, FileChecksum>): string {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].sort()) {
    const { bytes, sha256 } = files.get(path)!;
    if (path !== netFiles.environment) hash.update(`${path}\n${bytes}\n${sha256}\n`);
  }
  return hash.digest('hex');
}
