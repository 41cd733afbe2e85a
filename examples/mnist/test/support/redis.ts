import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** Why tests with a queue of their own are skipped; undefined: they run. */
export function whyNoRedis(): string | undefined {
  if (process.env.MNIST_TEST_REDIS !== '1') return 'it starts servers; MNIST_TEST_REDIS=1 runs it';
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'redis-server is not installed (Debian: apt-get install redis-server)';
  }
}

/** A Redis for one test. */
export async function startRedis(
  folder: string,
  options: readonly string[] = [],
): Promise<{ url: string; kill(): void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const bound = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const redis = spawn('redis-server', [...bound, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void redis.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    redis.stdout.on('data', (text) => /Ready to accept connections/.test(String(text)) && resolve());
    redis.once('exit', () => reject(new Error('redis-server ended')));
  });
  const password = options[options.indexOf('--requirepass') + 1];
  const user = options.includes('--requirepass') ? `:${password}@` : '';
  return { url: `redis://${user}127.0.0.1:${port}/0`, kill: () => void redis.kill('SIGKILL') };
}
