import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { waitUntil } from '../support/population-fixture.js';

/** Why these tests cannot run here, or undefined. */
export function missingRedis(): string | undefined {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'redis-server is not installed (Debian: apt-get install redis-server)';
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real Redis of this test's own, on a loopback port, that writes every command to its disk at once. */
export class RedisServer {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'population-redis-'));

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  static async start(settings: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings);
    await server.run();
    onTestFinished(async () => {
      await server.kill();
      rmSync(server.folder, { recursive: true, force: true });
    });
    return server;
  }

  async run(): Promise<void> {
    const configuration = [
      `port ${this.port}`,
      'bind 127.0.0.1',
      `dir ${this.folder}`,
      'save ""',
      'appendonly yes',
      'appendfsync always',
      'loglevel warning',
      ...this.settings,
    ];
    const file = join(this.folder, 'redis.conf');
    writeFileSync(file, `${configuration.join('\n')}\n`);
    this.child = spawn('redis-server', [file], { stdio: 'ignore' });
    await waitUntil(() => accepts(this.port), `redis-server listens on ${this.port}`);
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Loses everything, as a Redis without persistence does. */
  async killAndForget(): Promise<void> {
    await this.kill();
    rmSync(join(this.folder, 'appendonlydir'), { recursive: true, force: true });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** A line between a client and Redis that can be cut: nothing gets through, in either direction, and nobody is told. */
export class CuttableLine {
  private readonly sockets = new Set<Socket>();
  private cut = false;

  private constructor(
    readonly port: number,
    private readonly target: number,
    private readonly server: Server,
  ) {
    server.on('connection', (client) => {
      if (this.cut) return void client.destroy();
      const upstream = connect(this.target, '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(from);
        from.on('data', (data) => {
          if (!this.cut) to.write(data);
        });
        from.on('error', () => {});
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  static async to(target: number): Promise<CuttableLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const line = new CuttableLine((server.address() as { port: number }).port, target, server);
    onTestFinished(() => {
      line.server.close();
      for (const socket of line.sockets) socket.destroy();
    });
    return line;
  }

  interrupt(): void {
    this.cut = true;
  }

  /** The old connections are dead by now; new ones get through. */
  restore(): void {
    this.cut = false;
    for (const socket of this.sockets) socket.destroy();
  }
}
