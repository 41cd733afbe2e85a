// What the rows of the chaos script share: seeded numbers, processes, folders, a Redis.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openPopulation, trainPopulation, verifyPopulation } from '@mnist/population';

export { sleep };
export const recipe = new URL('../test/support/logistic-recipe.mjs', import.meta.url).href;
const script = (name) => fileURLToPath(new URL(`../test/support/${name}.mjs`, import.meta.url));

/** Numbers in [0, 1) from a seed (Mulberry32): the same seed makes the same trouble, as far as clocks allow. */
export function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

/** What one trial opens, closed in reverse when it is over, however it ends. */
export class Trial {
  #closers = [];

  folder() {
    const path = mkdtempSync(join(tmpdir(), 'population-chaos-'));
    this.later(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  later(close) {
    this.#closers.unshift(close);
  }

  /** A script in a process of its own: 'run-population', 'run-queue-worker' or 'run-collector'. */
  start(name, options, wrapper = []) {
    const [program, ...args] = [...wrapper, process.execPath, script(name), JSON.stringify(options)];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const events = [];
    createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
    const exited = new Promise((resolve) => child.on('close', resolve));
    this.later(() => child.kill('SIGKILL'));
    return { child, events, exited };
  }

  async redis() {
    const server = new RedisServer(this.folder());
    this.later(() => server.kill());
    await server.listen();
    return server;
  }

  async close() {
    for (const close of this.#closers) await close();
  }
}

export function missingRedis() {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'redis-server is not installed';
  }
}

class RedisServer {
  constructor(folder) {
    this.folder = folder;
  }

  async listen() {
    this.port ??= await freePort();
    this.url = `redis://127.0.0.1:${this.port}/0`;
    const options = `--port ${this.port} --bind 127.0.0.1 --dir ${this.folder} --save  --appendonly yes --appendfsync always`;
    this.child = spawn('redis-server', options.split(' '), { stdio: 'ignore' });
    await until(() => accepts(this.port), 'Redis listens');
  }

  async kill() {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  forget() {
    rmSync(join(this.folder, 'appendonlydir'), { recursive: true, force: true });
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

export async function until(condition, what, ms = 60_000) {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`);
    await sleep(10);
  }
}

const references = new Map();

/** Digests of the nets as they come out when nothing goes wrong. */
async function undisturbed({ count, config, seed }) {
  const key = JSON.stringify([count, config, seed]);
  if (!references.has(key)) references.set(key, trainUndisturbed({ count, config, seed }));
  return await references.get(key);
}

async function trainUndisturbed({ count, config, seed }) {
  const trial = new Trial();
  const folder = trial.folder();
  await trainPopulation({ folder, count, recipe, config: { ...config, stepDelayMs: 0 }, seed });
  const { members } = await openPopulation(folder);
  const files = await Promise.all(members.map(contents));
  await trial.close();
  return files;
}

/** What the delay between two steps, which is part of config.json, does not change. */
async function contents(member) {
  const files = member.files.filter((file) => !['config.json', 'environment.json'].includes(file)).sort();
  const bytes = await Promise.all(files.map((file) => member.readBytes(file)));
  return files.map((file, i) => `${file} ${bytes[i].toString('base64')}`).join('\n');
}

/** Throws unless the population is whole and equals, byte for byte, what would be there without any trouble. */
export async function assertEqualToUndisturbed(folder, options) {
  const report = await verifyPopulation(folder);
  if (!report.ok) throw new Error(report.problems[0]?.message ?? `nets ${report.missing} are missing`);
  const { members } = await openPopulation(folder);
  const found = await Promise.all(members.map(contents));
  const expected = await undisturbed(options);
  for (const [i, text] of expected.entries())
    if (found[i] !== text) throw new Error(`net ${i} came out different`);
}
