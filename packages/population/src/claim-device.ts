import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { callback, signal, text } from '@mnist/kit';
import { type Claim, ClaimBook } from './_claim.js';
import { checkOptions, milliseconds, names } from './_options.js';
import { runDefaults } from './_run-defaults.js';
import { typed } from './_typed-errors.js';
import { userFolder } from './_user-folder.js';

export interface ClaimDeviceOptions {
  /** The devices to choose from, in the order of preference, such as `['cuda:0', 'cuda:1']`. Any names that all agree on. */
  readonly devices: readonly string[];
  /**
   * Where claims lie. Default: a folder of this user in the temporary folder of this machine. Users who share a GPU give
   * the same folder, which all of them can write to.
   */
  readonly folder?: string;
  /** As for populations, ms: a claim that is silent for so long has expired; a dead process is noticed at once. Default 60,000. */
  readonly claimTimeoutMs?: number;
  /** Ends the waiting: rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called once, when there is something to wait for. `ahead`: how many waited before. */
  readonly onWaiting?: (ahead: number) => void;
}

/** The right to use a device, until released, or lost because this process stood still for too long. */
export interface DeviceClaim {
  readonly device: string;
  /** Aborted when another process has taken the device: stop using it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** How often a waiting process looks, ms. */
const POLL_INTERVAL = 200;

/**
 * Waits until one of the devices is free and takes it. A GPU trains one net at a time well and several at a time badly,
 * so of all processes on this machine one has it; several GPUs go to one process each. Who waits for the same devices
 * gets them in the order of asking. A process that is killed gives its device and its place up at once.
 *
 * @throws PopulationError `INVALID_OPTION` or `STORAGE_FAILED`
 */
export async function claimDevice(options: ClaimDeviceOptions): Promise<DeviceClaim> {
  checkOptions(
    'claimDevice',
    options,
    { devices: names },
    {
      folder: text,
      claimTimeoutMs: milliseconds,
      signal,
      onWaiting: callback,
    },
  );
  return await typed(async () => {
    const folder = options.folder === undefined ? await userFolder('mnist-devices') : resolve(options.folder);
    return await new DeviceQueue(folder, options).wait();
  });
}

class DeviceQueue {
  private readonly devices: ClaimBook;
  private readonly tickets: ClaimBook;
  private readonly ticketFolder: string;

  constructor(
    folder: string,
    private readonly options: ClaimDeviceOptions,
  ) {
    const timeoutMs = options.claimTimeoutMs ?? runDefaults.claimTimeoutMs;
    this.devices = new ClaimBook(folder, timeoutMs);
    // One line for each set of devices: who waits for one GPU must not hold up who waits for another.
    const set = createHash('sha256').update(JSON.stringify([...options.devices].sort()));
    this.ticketFolder = join(folder, `line-${set.digest('hex').slice(0, 16)}`);
    this.tickets = new ClaimBook(this.ticketFolder, timeoutMs);
  }

  async wait(): Promise<DeviceClaim> {
    const { signal, onWaiting } = this.options;
    let told = false;
    let ticket = await this.takeTicket();
    try {
      for (;;) {
        signal?.throwIfAborted();
        // Lost while this process slept: to the end of the line.
        if (ticket.claim.lost.aborted) ticket = await this.takeTicket();
        const ahead = await this.countAhead(ticket.number);
        const device = ahead === 0 ? await this.takeFree() : undefined;
        if (device !== undefined) return device;
        if (!told) onWaiting?.(ahead);
        told = true;
        await new Promise((wake) => setTimeout(wake, POLL_INTERVAL));
      }
    } finally {
      await ticket.claim.release();
    }
  }

  private async takeFree(): Promise<DeviceClaim | undefined> {
    for (const device of this.options.devices) {
      const claim = await this.devices.acquire(encodeURIComponent(device));
      if (claim !== undefined) return { device, lost: claim.lost, release: () => claim.release() };
    }
    return undefined;
  }

  private async takeTicket(): Promise<{ readonly number: number; readonly claim: Claim }> {
    await mkdir(this.ticketFolder, { recursive: true });
    for (;;) {
      const number = 1 + Math.max(0, ...(await this.ticketNumbers()));
      const claim = await this.tickets.acquire(String(number));
      if (claim !== undefined) return { number, claim };
      await new Promise((wake) => setTimeout(wake, Math.random() * 20));
    }
  }

  /** How many living processes wait with a lower number. */
  private async countAhead(own: number): Promise<number> {
    let ahead = 0;
    for (const number of await this.ticketNumbers()) {
      if (number >= own) continue;
      const abandoned = await this.tickets.acquire(String(number));
      if (abandoned === undefined) ahead += 1;
      else await abandoned.release();
    }
    return ahead;
  }

  private async ticketNumbers(): Promise<number[]> {
    return (await readdir(this.ticketFolder)).flatMap((name) => {
      const number = /^(\d{1,15})\.\d+\.json$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
  }
}
