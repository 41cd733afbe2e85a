import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { hashFile, listFiles, listFolders, syncFile, syncFolder, writeAndSync } from './_durable-files.js';
import { FORMAT_VERSION, netFiles } from './_layout.js';
import { readJsonFile, sha256, wholeNumber } from './_read-json-file.js';

export interface FileChecksum {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Checksums {
  readonly format: 'mnist-population-net';
  readonly formatVersion: number;
  /** By path relative to the net's folder, with `/`. */
  readonly files: Readonly<Record<string, FileChecksum>>;
  /** SHA-256 over every file but environment.json: equal digests mean equal nets. */
  readonly digest: string;
}

const checksumsSchema = v.strictObject({
  format: v.literal('mnist-population-net'),
  formatVersion: v.literal(FORMAT_VERSION),
  files: v.record(v.string(), v.strictObject({ bytes: wholeNumber, sha256 })),
  digest: sha256,
});

/** Hashes and syncs every file of a finished net, then writes checksums.json, whose presence says 'complete'. */
export async function writeChecksums(folder: string): Promise<Checksums> {
  const files: Record<string, FileChecksum> = {};
  for (const path of await listFiles(folder)) {
    const full = join(folder, path);
    await syncFile(full);
    files[path] = { bytes: (await stat(full)).size, sha256: await hashFile(full) };
  }
  const checksums: Checksums = {
    format: 'mnist-population-net',
    formatVersion: FORMAT_VERSION,
    files,
    digest: digestOf(files),
  };
  await writeAndSync(join(folder, netFiles.checksums), `${JSON.stringify(checksums, null, 2)}\n`);
  for (const sub of [...(await listFolders(folder)), folder]) await syncFolder(sub);
  return checksums;
}

/** Throws a plain Error that says what is wrong, or ENOENT. */
export async function readChecksums(folder: string): Promise<Checksums> {
  const checksums = (await readJsonFile(join(folder, netFiles.checksums), checksumsSchema)) as Checksums;
  if (checksums.digest !== digestOf(checksums.files))
    throw new Error('has a digest that does not fit its files');
  return checksums;
}

/** What is wrong with one file, or undefined. */
export async function checkFile(
  folder: string,
  path: string,
  expected: FileChecksum,
): Promise<
  { kind: 'missing' | 'truncated' | 'oversized' | 'corrupt'; expected: string; found: string } | undefined
> {
  const full = join(folder, path);
  const info = await stat(full).catch(() => undefined);
  const wanted = `${expected.bytes} bytes with SHA-256 ${expected.sha256.slice(0, 12)}...`;
  if (!info?.isFile()) return { kind: 'missing', expected: wanted, found: 'no such file' };
  if (info.size !== expected.bytes) {
    return {
      kind: info.size < expected.bytes ? 'truncated' : 'oversized',
      expected: wanted,
      found: `${info.size} bytes`,
    };
  }
  const found = await hashFile(full);
  if (found === expected.sha256) return undefined;
  return { kind: 'corrupt', expected: wanted, found: `SHA-256 ${found.slice(0, 12)}...` };
}

function digestOf(files: Readonly<Record<string, FileChecksum>>): string {
  const hash = createHash('sha256');
  for (const path of Object.keys(files).sort()) {
    if (path !== netFiles.environment)
      hash.update(`${path}\n${files[path]!.bytes}\n${files[path]!.sha256}\n`);
  }
  return hash.digest('hex');
}
