import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { listenTo, type Outcome } from './program.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const name = '@tensorflow/tfjs-node-gpu';
const tarball = `/${name}/-/tfjs-node-gpu-4.22.0.tgz`;
const addon = 'the whole addon';
/** Loads only with the whole addon, and then says that it has a GPU. */
const main = `
  const addon = require('node:fs').readFileSync(__dirname + '/lib/napi-v8/tfjs_binding.node', 'utf8');
  if (addon !== '${addon}') throw new Error('the addon is damaged');
  exports.matMul = () => ({ dataSync: () => [6] });
  exports.backend = () => ({ isUsingGpuDevice: true });`;

/** What a host does with a request for a file: `half` sends the beginning and then nothing, `silent` nothing at all. */
export type Answer = 'whole' | 'missing' | 'half' | 'silent';

/** A clone of what `npm run start:cuda` needs, with a small package in TensorFlow's place and a host that has its files. */
export async function cudaClone(onTestFinished: TestContext['onTestFinished']) {
  const place = mkdtempSync(join(tmpdir(), 'start-cuda-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const clone = join(place, 'clone');
  const cuda = join(clone, 'examples/mnist-cuda');
  mkdirSync(join(clone, 'scripts'), { recursive: true });
  for (const file of ['.gitignore', 'examples/mnist-cuda/start.mjs', 'examples/mnist-cuda/package.json'])
    cpSync(join(root, file), join(clone, file));
  writeFileSync(join(clone, 'scripts/bootstrap.mjs'), 'console.log(JSON.stringify(process.argv.slice(2)));');

  const packed = join(place, 'package');
  mkdirSync(join(packed, 'scripts'), { recursive: true });
  cpSync(fileURLToPath(new URL('./cuda-package.mjs', import.meta.url)), join(packed, 'scripts/install.mjs'));
  const scripts = { install: 'node scripts/install.mjs' };
  writeFileSync(join(packed, 'package.json'), JSON.stringify({ name, version: '4.22.0', scripts }));
  writeFileSync(join(packed, 'index.js'), main);
  const pack = (folder: string) => execFileSync('tar', ['-czf', '-', '-C', place, folder]);
  const archive = pack('package');
  mkdirSync(join(place, 'lib'));
  writeFileSync(join(place, 'lib/libtensorflow.so.2'), 'a library');
  writeFileSync(join(place, 'lib/tensorflow.dll'), 'a library');
  const files: Record<string, Buffer> = {
    [tarball]: archive,
    '/library.tar.gz': pack('lib'),
    '/addon': Buffer.from(addon),
  };

  const { version, dependencies } = JSON.parse(readFileSync(join(cuda, 'package.json'), 'utf8'));
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  // Names no registry, as the real one: npm asks the user's.
  const locked = { version: '4.22.0', integrity, hasInstallScript: true };
  const packages = { '': { version, dependencies }, [`node_modules/${name}`]: locked };
  writeFileSync(
    join(cuda, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, requires: true, packages }),
  );
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'commit.gpgsign=false', '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args],
      {
        cwd: clone,
        encoding: 'utf8',
      },
    );
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'clone');

  const answers = new Map<string, Answer>();
  const open = new Set<ServerResponse>();
  let requests = 0;
  const server = createServer(({ url = '' }, response) => {
    requests++;
    open.add(response);
    response.on('close', () => open.delete(response));
    const file = files[decodeURIComponent(url)];
    const answer = answers.get(url) ?? 'whole';
    if (file === undefined || answer === 'missing') response.writeHead(404).end('<p>not found</p>');
    else if (answer === 'half') response.writeHead(200).write(file.subarray(0, file.length / 2));
    else if (answer === 'whole') response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const host = `http://127.0.0.1:${port}/`;
  const dist = { tarball: new URL(tarball, host).href, integrity };
  const versions = { '4.22.0': { name, version: '4.22.0', hasInstallScript: true, dist } };
  files[`/${name}`] = Buffer.from(JSON.stringify({ name, 'dist-tags': { latest: '4.22.0' }, versions }));

  return {
    /** Requests that nobody has finished or given up. */
    openRequests: () => open.size,
    /** All that came so far. */
    requests: () => requests,
    /** What git sees of the last try. */
    changes: () => git('status', '--porcelain'),
    /** Runs `npm run start:cuda` on hosts that answer so. */
    start(given: {
      registry?: string;
      base?: string;
      answers?: Record<string, Answer>;
      limit?: number;
      /** Default: goes on without a GPU, as nearly every machine that runs this has none. False: sees none, and stops. */
      download?: boolean;
    }): Promise<Outcome> {
      answers.clear();
      for (const [file, answer] of Object.entries(given.answers ?? {})) answers.set(file, answer);
      const child = spawn(process.execPath, [join(cuda, 'start.mjs'), '--preset', 'quick'], {
        cwd: clone,
        // Nothing of this machine's own npm, proxy or credentials.
        env: {
          // In the folder of this test there is no nvidia-smi.
          PATH: given.download === false ? place : process.env.PATH,
          SystemRoot: process.env.SystemRoot,
          HOME: place,
          USERPROFILE: place,
          npm_config_cache: join(place, 'cache'),
          npm_config_update_notifier: 'false',
          // Its default waits ten seconds before it asks again.
          npm_config_fetch_retry_mintimeout: '10',
          npm_config_registry: given.registry ?? host,
          TFJS_NODE_BASE_URI: given.base ?? host,
          INSTALL_TIMEOUT: String(given.limit ?? 120),
          START_CUDA_DOWNLOAD: given.download === false ? '' : '1',
        },
      });
      return listenTo(child).finished;
    },
    host,
    tarball,
  };
}
