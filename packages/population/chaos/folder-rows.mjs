// Trouble on one machine: kills, a full disk, damaged and nonsensical files.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPopulation, setAside, trainPopulation, verifyPopulation } from '@mnist/population';
import { assertEqualToUndisturbed, recipe, sleep, Trial } from './support.mjs';

const config = { steps: 80, stepDelayMs: 3, checkpointEvery: 7 };
const population = { count: 3, config, seed: 3 };

async function finish(folder) {
  await trainPopulation({ folder, recipe, workers: 2, ...population });
  await assertEqualToUndisturbed(folder, population);
}

async function runAndHit(trial, random, hit) {
  const folder = trial.folder();
  const runner = trial.start('run-population', { folder, recipe, workers: 2, ...population });
  await sleep(200 + random.next() * 900);
  await hit(runner);
  await runner.exited;
  return folder;
}

let sound;
/** A sound population to spoil; trained once. */
async function soundCopy(trial) {
  sound ??= trainSound();
  const folder = trial.folder();
  cpSync(await sound, folder, { recursive: true });
  return folder;
}

async function trainSound() {
  const folder = new Trial().folder();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await trainPopulation({ folder, count: 2, recipe, config: { steps: 20 } });
  return folder;
}

const netFiles = [
  'config.json',
  'metrics.json',
  'history.json',
  'probabilities.npy',
  'environment.json',
  'checksums.json',
  'model.json',
  'weights/weights.bin',
];

function spoil(bytes, random) {
  const out = Buffer.from(bytes);
  const at = random.integer(Math.max(1, out.length));
  switch (random.integer(4)) {
    case 0:
      out[at] ^= 1 << random.integer(8);
      return out;
    case 1:
      return out.subarray(0, at);
    case 2:
      return Buffer.concat([out, Buffer.from([random.integer(256)])]);
    default:
      return undefined; // The file vanishes.
  }
}

/** JSON with one value, somewhere, replaced by nonsense; or text with a hole. */
function nonsense(text, random) {
  if (random.integer(4) === 0) return text.slice(0, random.integer(text.length));
  const values = [
    null,
    -1,
    1e308,
    2 ** 53,
    '',
    'x'.repeat(500),
    [],
    {},
    '../../x',
    '\u001b[2J',
    true,
    0.5,
    [[]],
  ];
  const root = JSON.parse(text);
  let place = root;
  for (;;) {
    const key = random.pick(Object.keys(place));
    const inner = place[key];
    if (
      typeof inner === 'object' &&
      inner !== null &&
      Object.keys(inner).length > 0 &&
      random.integer(3) > 0
    ) {
      place = inner;
      continue;
    }
    const what = random.integer(5);
    if (what === 0) delete place[key];
    else if (what === 1) place[random.pick(['constructor', '__proto__', 'extra', 'toString'])] = 1;
    else place[key] = random.pick(values);
    return JSON.stringify(root);
  }
}

function linuxOnly() {
  return process.platform === 'linux' ? undefined : 'needs Linux';
}

function missingTmpfs() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return 'needs root on Linux';
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'this machine mounts no tmpfs';
  }
}

export const folderRows = [
  {
    name: 'a run is killed, once or twice, and called again',
    trials: { short: 3, long: 100 },
    async run(trial, random) {
      const folder = await runAndHit(trial, random, ({ child }) => child.kill('SIGKILL'));
      if (random.integer(2) === 0) {
        const again = trial.start('run-population', { folder, recipe, workers: 1, ...population });
        await sleep(150 + random.next() * 500);
        again.child.kill('SIGKILL');
        await again.exited;
      }
      await finish(folder);
    },
  },
  {
    name: 'a run is interrupted (SIGINT) and called again',
    trials: { short: 2, long: 40 },
    async run(trial, random) {
      await finish(await runAndHit(trial, random, ({ child }) => child.kill('SIGINT')));
    },
  },
  {
    name: 'one of two runs on a folder is killed',
    trials: { short: 1, long: 30 },
    async run(trial, random) {
      const folder = trial.folder();
      const options = { folder, recipe, workers: 1, ...population };
      const [first, second] = [
        trial.start('run-population', options),
        trial.start('run-population', options),
      ];
      await sleep(300 + random.next() * 700);
      first.child.kill('SIGKILL');
      if ((await second.exited) !== 0) throw new Error(JSON.stringify(second.events.at(-1)));
      await assertEqualToUndisturbed(folder, population);
    },
  },
  {
    name: 'files may not grow beyond a limit (as on a full disk), which is then lifted',
    trials: { short: 1, long: 30 },
    needs: linuxOnly,
    async run(trial, random) {
      const folder = trial.folder();
      const limit = ['bash', '-c', `trap "" XFSZ; ulimit -f ${random.integer(3)}; exec "$0" "$@"`];
      const runner = trial.start('run-population', { folder, recipe, workers: 1, ...population }, limit);
      await runner.exited;
      const last = runner.events.at(-1);
      if (last?.type === 'error' && last.code !== 'STORAGE_FAILED') throw new Error(JSON.stringify(last));
      await finish(folder);
    },
  },
  {
    name: 'the disk is full (a tmpfs of 60 to 200 kB), then has room',
    trials: { short: 1, long: 20 },
    needs: missingTmpfs,
    async run(trial, random) {
      const folder = trial.folder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${60 + random.integer(140)}k`, 'chaos', folder]);
      trial.later(() => execFileSync('umount', ['-l', folder]));
      const runner = trial.start('run-population', { folder, recipe, workers: 1, ...population });
      await runner.exited;
      const last = runner.events.at(-1);
      if (last?.type === 'error' && last.code !== 'STORAGE_FAILED') throw new Error(JSON.stringify(last));
      execFileSync('mount', ['-o', 'remount,size=100m', folder]);
      await finish(folder);
    },
  },
  {
    name: 'a byte of a net is changed, cut off or added, or a file vanishes: found, named, trained again',
    trials: { short: 25, long: 1000 },
    async run(trial, random) {
      const folder = await soundCopy(trial);
      const path = join(folder, 'nets', '0001', random.pick(netFiles));
      const before = readFileSync(path);
      const after = spoil(before, random);
      if (after === undefined) rmSync(path);
      else writeFileSync(path, after);
      const report = await verifyPopulation(folder);
      if (after?.equals(before)) return;
      // White space in checksums.json may change without changing what it says.
      if (report.ok && !path.endsWith('checksums.json'))
        throw new Error(`${path} is spoilt, and nobody noticed`);
      if (!report.nets[0].ok) throw new Error('the other net is blamed');
      if (!report.ok && random.integer(10) === 0) {
        await setAside(folder, 1);
        await trainPopulation({ folder, count: 2, recipe, config: { steps: 20 } });
        if (!(await verifyPopulation(folder)).ok) throw new Error('it is not whole after training again');
      }
    },
  },
  {
    name: 'manifest, checksums, metrics or config hold nonsense: read, or refused with a typed error, in time',
    trials: { short: 80, long: 20_000 },
    async run(trial, random) {
      const folder = await soundCopy(trial);
      const file = random.pick([
        'manifest.json',
        'nets/0000/checksums.json',
        'nets/0000/metrics.json',
        'nets/0000/config.json',
      ]);
      const path = join(folder, file);
      writeFileSync(path, nonsense(readFileSync(path, 'utf8'), random));
      const start = performance.now();
      const typed = async (read) => {
        try {
          await read();
        } catch (error) {
          if (error?.name !== 'PopulationError') throw error;
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may come through.
          if (/[\u0000-\u0008\u000b-\u001f]/.test(error.message))
            throw new Error('control characters in a message');
        }
      };
      await typed(() => verifyPopulation(folder));
      await typed(async () => {
        for (const member of (await openPopulation(folder)).members) {
          await typed(() => member.readMetrics());
          await typed(() => member.verifiedFolder());
        }
      });
      if (performance.now() - start > 5000) throw new Error('it took longer than 5 s');
    },
  },
];
