import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists, nameAfterWriting, writeFileDurably } from '@mnist/kit/files';
import { type Claim, ClaimBook } from './_claim.js';
import { layoutOf, netIndex, netName } from './_layout.js';
import { isPublished, publishNet } from './_publish.js';
import { verifyNet } from './_verify-net.js';
import type { PopulationManifest } from './manifest.js';
import { PopulationError } from './population-error.js';
import { PopulationMember } from './population-member.js';

/** What runners do to a population folder, net by net. */
export class NetStore {
  readonly layout: ReturnType<typeof layoutOf>;
  private readonly book: ClaimBook;

  constructor(
    readonly folder: string,
    readonly manifest: PopulationManifest,
    claimTimeoutMs: number,
  ) {
    this.layout = layoutOf(folder);
    this.book = new ClaimBook(this.layout.claims, claimTimeoutMs);
  }

  /** Undefined when another runner holds the net. */
  claim(index: number): Promise<Claim | undefined> {
    return this.book.acquire(netName(index));
  }

  /** As `claim`, but waits until it is clear whether the holder lives. */
  claimUnlessAlive(index: number, signal: AbortSignal | undefined): Promise<Claim | undefined> {
    return this.book.acquireUnlessAlive(netName(index), signal);
  }

  isPublished(index: number): Promise<boolean> {
    return isPublished(this.folder, index);
  }

  /** Which of the nets 0 to count - 1 are there, by their lists of files and their configs; hashes nothing large. */
  async survey(count: number): Promise<{ complete: number[]; damaged: number[] }> {
    const complete: number[] = [];
    const damaged: number[] = [];
    const stored = (await readdir(this.layout.nets)).flatMap((name) => netIndex(name) ?? []);
    for (const index of stored.filter((number) => number < count).sort((a, b) => a - b)) {
      try {
        await PopulationMember.open(this.folder, index, this.manifest);
        complete.push(index);
      } catch (error) {
        if (!(error instanceof PopulationError)) throw error;
        damaged.push(index);
      }
    }
    return { complete, damaged };
  }

  /**
   * The net's work folder under the claim's own name. Renaming shuts out a former owner that does not know yet that
   * it lost the claim: what it writes goes nowhere.
   */
  async adoptWorkFolder(
    index: number,
    claim: Claim,
    fresh: boolean,
  ): Promise<{ path: string; resumed: boolean }> {
    const path = join(this.layout.work, `${netName(index)}-${claim.token}`);
    const left = (await this.leftovers(this.layout.work, index)).filter((old) => old !== path);
    const dated = await Promise.all(left.map(async (old) => ({ old, time: (await stat(old)).mtimeMs })));
    const [newest, ...older] = dated.sort((a, b) => b.time - a.time).map(({ old }) => old);
    if (newest !== undefined && !fresh) await rename(newest, path);
    for (const old of fresh ? left : older) await rm(old, { recursive: true, force: true });
    if (fresh) await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    return { path, resumed: (await readdir(path)).length > 0 };
  }

  /** An empty folder for the net's files; what an earlier attempt left there is removed. */
  async makeStagingFolder(index: number, claim: Claim): Promise<string> {
    await this.dropStaging(index);
    const path = join(this.layout.staging, `${netName(index)}-${claim.token}`);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Publishes a net that was finished, but whose runner was killed before it could publish it. */
  async publishFinished(index: number): Promise<boolean> {
    for (const staged of await this.leftovers(this.layout.staging, index)) {
      if ((await verifyNet(staged, index, this.manifest)).problems.length === 0)
        return await this.publish(index, staged);
    }
    return false;
  }

  async dropStaging(index: number): Promise<void> {
    for (const old of await this.leftovers(this.layout.staging, index))
      await rm(old, { recursive: true, force: true });
  }

  /** Idempotent; false when the net was there already. */
  async publish(index: number, stagingFolder: string): Promise<boolean> {
    const published = await publishNet(this.folder, index, stagingFolder);
    await this.dropLeftovers(index);
    return published;
  }

  async recordFailure(index: number, attempts: number, error: PopulationError): Promise<void> {
    await mkdir(this.layout.failures, { recursive: true });
    await this.dropUnfinishedFailures(index);
    const record = {
      index,
      attempts,
      code: error.code,
      message: error.message,
      time: new Date().toISOString(),
    };
    await writeFileDurably(this.layout.failure(index), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** Removes what is left over from nets that are complete: a run was killed between publishing and tidying up. */
  async tidy(complete: readonly number[]): Promise<void> {
    const done = new Set(complete);
    const suspects = new Set<number>();
    for (const folder of [this.layout.work, this.layout.staging, this.layout.claims]) {
      for (const name of await readdir(folder)) {
        const index = netIndex(/^\d+/.exec(name)?.[0] ?? '');
        if (index !== undefined && done.has(index)) suspects.add(index);
      }
    }
    for (const index of suspects) {
      const claim = await this.claim(index);
      if (claim === undefined) continue;
      await this.dropLeftovers(index);
      await claim.release();
    }
  }

  private async dropLeftovers(index: number): Promise<void> {
    await this.dropStaging(index);
    for (const old of await this.leftovers(this.layout.work, index))
      await rm(old, { recursive: true, force: true });
    await rm(this.layout.failure(index), { force: true });
    await this.dropUnfinishedFailures(index);
  }

  /** Left by a process that was killed while it wrote; the claim's holder is the only one who writes. */
  private async dropUnfinishedFailures(index: number): Promise<void> {
    for (const name of (await ifExists(readdir(this.layout.failures))) ?? []) {
      if (nameAfterWriting(name) === `${netName(index)}.json`)
        await rm(join(this.layout.failures, name), { force: true });
    }
  }

  private async leftovers(folder: string, index: number): Promise<string[]> {
    const names = (await ifExists(readdir(folder))) ?? [];
    return names.filter((name) => name.startsWith(`${netName(index)}-`)).map((name) => join(folder, name));
  }
}
