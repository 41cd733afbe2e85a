import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '@mnist/kit/files';
import type { PartialFile } from './_transfer.js';

/** A download beside the place where it will lie, under a name that says who writes it: `<target>.<host>-<pid>-<id>.part`. */
export class PartFile implements PartialFile {
  entityTag: string | undefined;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** Bytes that a process that died had left. */
    readonly inheritedBytes: number,
    public receivedBytes: number = inheritedBytes,
  ) {}

  /** Goes on with what a process that died has left of the same file, unless `afresh`. */
  static async open(target: string, { afresh = false } = {}): Promise<PartFile> {
    await mkdir(dirname(target), { recursive: true });
    const path = `${target}.${host}-${process.pid}-${randomUUID().slice(0, 8)}.part`;
    const inherited = afresh ? false : await inherit(target, path);
    const handle = await open(path, inherited ? 'a' : 'ax');
    return new PartFile(path, handle, inherited ? (await handle.stat()).size : 0);
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.handle.appendFile(chunk);
    this.receivedBytes += chunk.length;
  }

  async clear(): Promise<void> {
    await this.handle.truncate(0);
    this.receivedBytes = 0;
  }

  bytes(): Promise<Uint8Array> {
    return readFile(this.path);
  }

  /** Gives the whole file its name, so that others see either nothing or all of it. */
  async keep(target: string): Promise<void> {
    await this.handle.sync();
    await this.handle.close();
    await rename(this.path, target);
    await syncFolder(dirname(target));
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    // What could not be written need not be removed, and this must not hide why.
    await rm(this.path, { force: true }).catch(() => undefined);
  }
}

/** Removes what downloads of `target` by processes that died have left. */
export async function removeDeadParts(target: string): Promise<void> {
  for (const path of await deadParts(target)) await rm(path, { force: true }).catch(() => undefined);
}

async function inherit(target: string, path: string): Promise<boolean> {
  for (const dead of await deadParts(target)) {
    // Of several that want it, the rename lets one have it.
    const mine = await rename(dead, path).then(
      () => true,
      () => false,
    );
    if (mine) return true;
  }
  return false;
}

const host = hostname().replace(/[^\w.]/g, '_');
/** No download is silent for so long: the transfer would have been given up. */
const longestSilence = 3600 * 1000;

async function deadParts(target: string): Promise<string[]> {
  const names = await readdir(dirname(target)).catch(() => []);
  const own = names.filter((name) => name.startsWith(`${basename(target)}.`) && name.endsWith('.part'));
  const dead: string[] = [];
  for (const name of own) {
    const path = join(dirname(target), name);
    const [, where, pid] =
      /\.([\w.]+)-(\d+)-[0-9a-f]{8}\.part$/.exec(name.slice(basename(target).length)) ?? [];
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if ((where === host && !isAlive(Number(pid))) || age > longestSilence) dead.push(path);
  }
  return dead;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and somebody else's.
    return (error as { code?: string }).code !== 'ESRCH';
  }
}
