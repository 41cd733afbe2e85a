import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists } from '@mnist/kit/files';
import { type Claim, ClaimBook } from '../_claim.js';

/**
 * The folder that a queue worker has for itself: `<base>/<token>`, with a claim in `<base>/claims` that tells other
 * workers whether it is still in use. What killed workers left is removed.
 */
export class WorkerFolder {
  private readonly timer: NodeJS.Timeout;

  private constructor(
    readonly path: string,
    private readonly base: string,
    private readonly book: ClaimBook,
    private readonly claim: Claim,
    sweepIntervalMs: number,
  ) {
    // Again and again: whether a worker of another machine, or from before a restart, is dead shows in time only.
    this.timer = setInterval(() => this.sweep().catch(() => {}), sweepIntervalMs);
    this.timer.unref();
  }

  /** Rejects with the error of the file system when nothing can be written there. */
  static async open(base: string, claimTimeoutMs: number): Promise<WorkerFolder> {
    await mkdir(base, { recursive: true });
    const token = randomUUID();
    const book = new ClaimBook(join(base, 'claims'), claimTimeoutMs);
    const claim = (await book.acquire(token))!;
    const folder = new WorkerFolder(join(base, token), base, book, claim, claimTimeoutMs);
    try {
      await mkdir(folder.path);
      // A folder can be made on a full disk; a file with something in it cannot.
      await writeFile(join(folder.path, 'probe'), 'can be written');
      await rm(join(folder.path, 'probe'));
      await folder.sweep();
      return folder;
    } catch (error) {
      await folder.remove().catch(() => {});
      throw error;
    }
  }

  async remove(): Promise<void> {
    clearInterval(this.timer);
    await rm(this.path, { recursive: true, force: true });
    await this.claim.release();
  }

  private async sweep(): Promise<void> {
    for (const name of (await ifExists(readdir(this.base))) ?? []) {
      const path = join(this.base, name);
      if (path === this.path || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)) continue;
      const claim = await this.book.acquire(name);
      if (claim === undefined) continue;
      await rm(path, { recursive: true, force: true });
      await claim.release();
    }
  }
}
