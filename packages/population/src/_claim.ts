import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ifExists } from '@mnist/kit/files';
import * as v from 'valibot';
import { parseJson, strictObject, wholeNumber } from './_read-json-file.js';

const ownerSchema = strictObject({
  token: v.string(),
  // 0 and negative numbers would ask for a group of processes.
  pid: v.pipe(wholeNumber, v.minValue(1)),
  host: v.string(),
  boot: v.nullable(v.string()),
  pidNamespace: v.nullable(v.string()),
  since: v.string(),
});
type Owner = v.InferOutput<typeof ownerSchema>;

/** The right to work on one thing (a net, the manifest), until released or lost. */
export interface Claim {
  /** Different for every claim ever made: names the folders that its holder may write to. */
  readonly token: string;
  /** Aborted when somebody else has taken over, for instance after this machine slept. */
  readonly lost: AbortSignal;
  /** Looks at the disk. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

interface Sighting {
  readonly mark: string;
  readonly since: number;
  /** A heartbeat came while we looked: somebody is alive. */
  readonly moved: boolean;
}

/**
 * Claims as files `<name>.<generation>.json`. Whoever creates generation g + 1 exclusively takes over generation g.
 * DESIGN.md, 'Claims', says why this is safe where removing a stale lock file is not.
 */
export class ClaimBook {
  private readonly sightings = new Map<string, Sighting>();

  /**
   * @param folder holds the claim files
   * @param timeoutMs a claim whose heartbeat stands still for so long has expired
   */
  constructor(
    private readonly folder: string,
    private readonly timeoutMs: number,
  ) {}

  /** The claim, or undefined when somebody who may be alive holds it. Ask again later. */
  async acquire(name: string): Promise<Claim | undefined> {
    await mkdir(this.folder, { recursive: true });
    const before = await this.list(name);
    for (const entry of before) if (!(await this.isExpired(entry.path))) return undefined;
    // A first generation is drawn, not 1: no file name ever comes back, so a late deletion hits nobody else's claim.
    const generation =
      before.length === 0 ? randomInt(2 ** 47) : 1 + Math.max(...before.map((entry) => entry.generation));
    const path = join(this.folder, `${name}.${generation}.json`);
    const owner: Owner = {
      token: randomUUID(),
      pid: process.pid,
      ...thisMachine(),
      since: new Date().toISOString(),
    };
    try {
      await writeNew(path, JSON.stringify(owner));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    }
    // Somebody may have begun at another generation meanwhile. Both create before they look, so at least one of the
    // two sees the other, and who sees another gives way.
    const expired = new Set(before.map((entry) => entry.path));
    const others = (await this.list(name)).filter((entry) => entry.path !== path && !expired.has(entry.path));
    if (others.length > 0) {
      await rm(path, { force: true });
      return undefined;
    }
    for (const old of expired) await rm(old, { force: true });
    return hold(path, owner.token, this.timeoutMs);
  }

  /** Waits until the claim is free. Only for claims that are held for moments. Rejects with the signal's reason. */
  async acquireSoon(name: string, signal?: AbortSignal): Promise<Claim> {
    for (;;) {
      signal?.throwIfAborted();
      const claim = await this.acquire(name);
      if (claim !== undefined) return claim;
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));
    }
  }

  /**
   * The claim, or undefined as soon as its holder shows a sign of life. A holder that cannot be told from a dead one (it
   * ran before this machine was started anew, or on another machine) is watched for the time-out: a single look would
   * find it undecided every time.
   */
  async acquireUnlessAlive(name: string, signal?: AbortSignal): Promise<Claim | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const claim = await this.acquire(name);
      if (claim !== undefined) return claim;
      for (const { path } of await this.list(name)) {
        if (this.sightings.get(path)?.moved || (await isAlive(path, this.timeoutMs))) return undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(250, this.timeoutMs / 10)));
    }
  }

  private async list(name: string): Promise<{ path: string; generation: number }[]> {
    return (await readdir(this.folder)).flatMap((file) => {
      if (!file.startsWith(`${name}.`)) return [];
      const match = /^(\d+)\.json$/.exec(file.slice(name.length + 1));
      return match === null ? [] : [{ path: join(this.folder, file), generation: Number(match[1]) }];
    });
  }

  /** Dead for sure, or silent for too long by our own clock. The clocks of two machines are never compared. */
  private async isExpired(path: string): Promise<boolean> {
    const [text, info] = await Promise.all([ifExists(readFile(path, 'utf8')), ifExists(stat(path))]);
    if (text === undefined || info === undefined) return false; // Just released: the next try finds it free.
    const owner = parseOwner(text);
    if (owner !== undefined && isDead(owner)) return true;
    const mark = `${owner?.token} ${info.mtimeMs}`;
    const last = this.sightings.get(path);
    if (last?.mark === mark) return performance.now() - last.since > this.timeoutMs;
    this.sightings.set(path, { mark, since: performance.now(), moved: last !== undefined });
    return false;
  }
}

/** A disk that is full takes the name and not the content: such a claim would hold everybody up, so it is removed. */
async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

function hold(path: string, token: string, timeoutMs: number): Claim {
  const lost = new AbortController();
  let released = false;
  const isHeld = async () => {
    const text = await ifExists(readFile(path, 'utf8'));
    return !released && text !== undefined && parseOwner(text)?.token === token;
  };
  let lastBeat = performance.now();
  const beat = async () => {
    try {
      if (await isHeld()) {
        const now = new Date();
        await utimes(path, now, now);
        lastBeat = performance.now();
        return;
      }
    } catch {
      // A share that hiccups is no reason to drop hours of work; one that stays silent for the whole time-out is,
      // because others then see the claim as expired.
      if (performance.now() - lastBeat < timeoutMs) return;
    }
    if (released) return;
    clearInterval(timer);
    lost.abort();
  };
  const timer = setInterval(beat, timeoutMs / 5);
  timer.unref();
  return {
    token,
    lost: lost.signal,
    isHeld,
    async release() {
      if (released) return;
      clearInterval(timer);
      const held = await isHeld();
      released = true;
      if (held) await rm(path, { force: true });
    },
  };
}

function parseOwner(text: string): Owner | undefined {
  try {
    return parseJson(text, ownerSchema);
  } catch {
    return undefined; // Being written at this moment, or cut short by a crash: only its age counts.
  }
}

/** True when the owner runs where we run, and its heart has beaten of late. */
async function isAlive(path: string, timeoutMs: number): Promise<boolean> {
  const [text, info] = await Promise.all([ifExists(readFile(path, 'utf8')), ifExists(stat(path))]);
  const owner = text === undefined ? undefined : parseOwner(text);
  return (
    owner !== undefined &&
    info !== undefined &&
    ranHere(owner) &&
    Date.now() - info.mtimeMs < timeoutMs &&
    processLives(owner.pid)
  );
}

/**
 * True when the owner ran where we run and is certainly gone. Equal host names prove little (two containers, two
 * machines called 'localhost'), so on Linux the boot and the pid namespace must be ours too.
 */
function isDead(owner: Owner): boolean {
  return ranHere(owner) && !processLives(owner.pid);
}

function ranHere(owner: Owner): boolean {
  const here = thisMachine();
  return owner.host === here.host && owner.boot === here.boot && owner.pidNamespace === here.pidNamespace;
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function thisMachine(): Pick<Owner, 'host' | 'boot' | 'pidNamespace'> {
  return {
    host: hostname(),
    boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** Linux tells; elsewhere nothing is known and heartbeats decide. */
function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
