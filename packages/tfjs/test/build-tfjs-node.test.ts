import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/build-tfjs-node.sh', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'mnist-tfjs-build-'));
const sockets = new Set<Socket>();
const servers: Server[] = [];
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  rmSync(root, { recursive: true, force: true });
});

const missing = ['bash', 'npm', 'pip', 'unzip', 'g++', 'timeout'].filter((tool) => {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
});
const reason =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? 'not Linux x64'
    : missing.length > 0 && `not installed: ${missing.join(', ')}`;
if (reason) console.log(`build-tfjs-node.sh is not tried: ${reason}`);

/** Accepts connections and never says a word. */
async function swallowing(): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function build(folder: string, registry: string, ...more: string[]) {
  const child = spawn('bash', [script, folder, ...more], {
    env: {
      ...process.env,
      DOWNLOAD_TIMEOUT: '3',
      npm_config_registry: registry,
      npm_config_cache: join(root, 'cache'),
    },
  });
  let output = '';
  child.stdout.on('data', (part) => {
    output += part;
  });
  child.stderr.on('data', (part) => {
    output += part;
  });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { code, output };
}

describe.skipIf(reason)('build-tfjs-node.sh fails loudly, in time', () => {
  it('where the download host swallows packets', async () => {
    const { code, output } = await build(join(root, 'a'), `http://127.0.0.1:${await swallowing()}`);
    expect(code).toBe(1);
    expect(output).toContain('npm could not install @tensorflow/tfjs-node within 3 s');
  });
  it('where the download host cannot be reached', async () => {
    const { code, output } = await build(join(root, 'b'), 'http://127.0.0.1:9', 'gpu');
    expect(code).toBe(1);
    expect(output).toContain('npm could not install @tensorflow/tfjs-node-gpu within 3 s');
  });
  it('where the build is neither cpu nor gpu', async () => {
    const { code, output } = await build(join(root, 'c'), 'http://127.0.0.1:9', 'tpu');
    expect(code).toBe(2);
    expect(output).toContain("the build is 'tpu'; expected cpu or gpu");
  });
});
