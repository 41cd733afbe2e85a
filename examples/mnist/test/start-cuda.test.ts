import { existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { cudaClone } from './support/cuda-clone.js';

const supported = ['linux', 'win32'].includes(process.platform) && process.arch === 'x64';
if (!supported) console.warn('Skipped npm run start:cuda: TensorFlow has no CUDA build for this platform.');
/** Nothing listens there. */
const closed = 'http://127.0.0.1:9/';
/** Seconds; npm alone takes a few of them on a busy machine. */
const limit = 20;

type Clone = Awaited<ReturnType<typeof cudaClone>>;

type Hosts = Parameters<Clone['start']>[0];

async function failsWith(clone: Clone, hosts: Hosts, ...messages: RegExp[]): Promise<void> {
  const { code, err } = await clone.start(hosts);
  for (const message of messages) expect(err).toMatch(message);
  expect(err).toMatch(/start:cuda: .* repeat the command\. Without TensorFlow: npm start\n$/);
  expect(code, err).toBe(3);
  expect(clone.changes()).toBe('');
  // Nothing that was started goes on in the background.
  await vi.waitUntil(() => clone.openRequests() === 0, { timeout: 10_000 });
}

/** After all that failed: the next try is a whole one. */
async function succeeds(clone: Clone): Promise<void> {
  const { code, out, err } = await clone.start({});
  expect(code, err).toBe(0);
  expect(out.trim().split('\n').at(-1)).toBe(
    JSON.stringify(['start', '--engine', 'tfjs:tensorflow-gpu', '--preset', 'quick']),
  );
  expect(clone.changes()).toBe('');
  // What is complete is not fetched again.
  const again = await clone.start({ registry: closed, base: closed });
  expect(again.code, again.err).toBe(0);
}

// The tool can be hidden from the program, the devices cannot.
const seesDevice = ['/dev/nvidiactl', '/dev/dxg'].some((device) => existsSync(device));
if (seesDevice) console.warn('Skipped npm run start:cuda without a GPU: this machine has one.');
it.skipIf(!supported || seesDevice)(
  'npm run start:cuda downloads nothing where no GPU is seen',
  async ({ onTestFinished }) => {
    const clone = await cudaClone(onTestFinished);
    const { code, err } = await clone.start({ download: false });
    expect(err).toMatch(/start:cuda: no NVIDIA GPU is seen here: .*Nothing was downloaded.*npm start\n$/);
    expect(code).toBe(3);
    expect(clone.requests()).toBe(0);
    expect(clone.changes()).toBe('');
  },
);

describe.skipIf(!supported)(
  'npm run start:cuda names the remedy',
  { concurrent: true, timeout: 180_000 },
  () => {
    it('where the registry refuses, lacks the package, or swallows packets; then it starts', async ({
      onTestFinished,
    }) => {
      const clone = await cudaClone(onTestFinished);
      const { tarball } = clone;
      const failed =
        /npm ci failed with code 1; .* come from npm's registry \(`npm config get registry`\)\. .* HTTPS_PROXY/;
      await failsWith(clone, { registry: closed }, /ECONNREFUSED/, failed);
      await failsWith(clone, { answers: { [tarball]: 'missing' } }, /E404/, failed);
      const late = /npm ci took longer than 5 s .*INSTALL_TIMEOUT=10 /;
      await failsWith(clone, { answers: { [tarball]: 'silent' }, limit: 5 }, late);
      await succeeds(clone);
    });

    it('where the host of libtensorflow does; half a download is not taken for a whole one', async ({
      onTestFinished,
    }) => {
      const clone = await cudaClone(onTestFinished);
      const failed = (host: string) =>
        new RegExp(`npm rebuild failed with code 1; .* come from ${host} .* HTTPS_PROXY`);
      await failsWith(clone, { base: closed }, /ECONNREFUSED/, failed(closed));
      await failsWith(clone, { answers: { '/library.tar.gz': 'missing' } }, failed(clone.host));
      const late = new RegExp(`npm rebuild took longer than ${limit} s .*INSTALL_TIMEOUT=${2 * limit} `);
      await failsWith(clone, { answers: { '/addon': 'half' }, limit }, late);
      await succeeds(clone);
    });
  },
);
