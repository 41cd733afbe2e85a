import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimDevice, openPopulation, trainPopulation } from '@mnist/population';
import { describe, expect, it } from 'vitest';
import {
  recipeModule,
  startScript,
  temporaryFolder,
  useJournal,
  waitUntil,
} from './support/population-fixture.js';

interface Line {
  readonly name: string;
  readonly event: 'has' | 'gives';
  readonly device: string;
}

const script = new URL('./support/hold-device.mjs', import.meta.url);

function simulatedDevices(devices: readonly string[]) {
  const folder = temporaryFolder();
  const log = join(folder, 'log.jsonl');
  const lines = () =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Line)
      : [];
  const start = (name: string, holdMs: number) =>
    startScript(script, { devices, folder: join(folder, 'claims'), log, name, holdMs }, []);
  return { folder: join(folder, 'claims'), lines, start };
}

/** Most processes that had one device at the same time. */
function mostAtOnce(lines: readonly Line[], device: string): number {
  let now = 0;
  let most = 0;
  for (const line of lines.filter((entry) => entry.device === device)) {
    now += line.event === 'has' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

describe('a device', () => {
  it('has one process at a time, in the order of asking', async () => {
    const { lines, start, folder } = simulatedDevices(['gpu:0']);
    const first = start('first', 600);
    await waitUntil(() => first.events.length > 0, 'the first has it');
    const others = [];
    for (const name of ['second', 'third', 'fourth']) {
      const other = start(name, 50);
      others.push(other);
      await waitUntil(() => other.events.some(({ type }) => type !== undefined), `${name} waits`);
    }
    await Promise.all([first, ...others].map(({ exited }) => exited));
    expect(
      lines()
        .filter(({ event }) => event === 'has')
        .map(({ name }) => name),
    ).toEqual(['first', 'second', 'third', 'fourth']);
    expect(mostAtOnce(lines(), 'gpu:0')).toBe(1);
    expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('of which there are several goes to one process each', async () => {
    const { lines, start } = simulatedDevices(['gpu:0', 'gpu:1']);
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => start(name, 150));
    await Promise.all(all.map(({ exited }) => exited));
    for (const device of ['gpu:0', 'gpu:1']) {
      expect(mostAtOnce(lines(), device)).toBe(1);
      expect(lines().filter((line) => line.device === device).length).toBeGreaterThan(0);
    }
    expect(lines().filter(({ event }) => event === 'gives')).toHaveLength(6);
  });

  it('is free as soon as its owner is killed, and so is a place in the line', async () => {
    const { lines, start } = simulatedDevices(['gpu:0']);
    const owner = start('owner', 600_000);
    await waitUntil(() => owner.events.length > 0, 'the owner has it');
    const waiting = start('waiting', 600_000);
    await waitUntil(() => waiting.events.length > 0, 'another waits');
    const last = start('last', 10);
    await waitUntil(() => last.events.length > 0, 'a third one waits');
    waiting.child.kill('SIGKILL');
    owner.child.kill('SIGKILL');
    expect(await last.exited).toBe(0);
    expect(lines().map(({ name }) => name)).toEqual(['owner', 'last', 'last']);
  });

  it('is waited for until the signal aborts, and then leaves no trace', async () => {
    const folder = temporaryFolder();
    const held = await claimDevice({ devices: ['gpu:0'], folder });
    const waiting = claimDevice({ devices: ['gpu:0'], folder, signal: AbortSignal.timeout(300) });
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    // A line of its own: who waits for one device does not hold up who waits for another.
    const other = await claimDevice({ devices: ['gpu:1'], folder });
    expect(other.device).toBe('gpu:1');
    await other.release();
    await held.release();
    const left = readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.json'));
    expect(left).toEqual([]);
  });

  it.each([{ devices: [] }, { devices: 'gpu:0' }, { devices: [''] }, {}])(
    'has a name: %o',
    async (options) => {
      await expect(claimDevice(options as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    },
  );
});

it('populations on one GPU train one net at a time between them, each told its device', async () => {
  const journal = useJournal();
  const recipe = recipeModule(`
    import { appendFileSync } from 'node:fs';
    const note = (event, index) => appendFileSync(process.env.JOURNAL, JSON.stringify({ event, index }) + '\\n');
    export const recipe = { name: 'r', version: '1', async train({ index, device }) {
      note('begin', index);
      await new Promise((resolve) => setTimeout(resolve, 100));
      note('end', index);
      return { metrics: {}, environment: { told: device },
        probabilities: { data: Float32Array.of(1), shape: [1, 1] } };
    } };`);
  const folders = [temporaryFolder(), temporaryFolder()];
  // A name that no other run of this test uses.
  const devices = [`simulated:${process.pid}`];
  await Promise.all(
    folders.map((folder) => trainPopulation({ folder, count: 2, recipe, devices, workers: 4 })),
  );
  const events = journal.read().map(({ event }) => event);
  expect(events).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end', 'begin', 'end']);
  for (const folder of folders) {
    const member = (await openPopulation(folder)).member(0);
    expect(await member.readEnvironment()).toMatchObject({ device: devices[0], told: devices[0] });
  }
});
