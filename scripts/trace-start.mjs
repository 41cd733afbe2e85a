// What `npm start` touches: runs a short one in a fresh clone of HEAD, with an empty home, under strace, and lists every file written or
// removed and every host looked up. Fails on what the README does not name.
//   node scripts/trace-start.mjs [arguments of npm start, instead of a short run]
// Needs Linux, git and strace (Debian's package `strace`), and the npm registry. Takes several minutes: every system call is watched.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './release/commands.mjs';
import { readTrace } from './trace/read-trace.mjs';

if (spawnSync('strace', ['-V']).status !== 0) {
  console.error('This needs strace on Linux.');
  process.exit(2);
}
const asked = process.argv.slice(2);
const argumentsOfStart =
  asked.length > 0 ? asked : ['--preset', 'quick', '--nets', '2', '--epochs', '1', '--no-sweep'];

const started = performance.now();
const work = mkdtempSync(join(tmpdir(), 'mnist-trace-'));
const [clone, home, temporary] = ['clone', 'home', 'tmp'].map((name) => join(work, name));
for (const folder of [clone, home, temporary]) mkdirSync(folder);
const trace = join(work, 'trace');

/** Where it may write, and who says so. */
const places = [
  ['the clone', clone],
  ['the temporary folder', temporary],
  ['the cache of the data', join(home, '.cache/mnist-datasets')],
  // The README names these.
  ["npm's cache", join(home, '.npm')],
  [
    "pnpm's store and cache",
    join(home, '.local/share/pnpm'),
    join(home, '.cache/pnpm'),
    join(home, '.local/state/pnpm'),
  ],
  ["cargo's cache of crates", join(home, '.cargo')],
];
/** Whom it may look up. */
const hosts = [
  ['the npm registry', new URL((await run(['npm', 'config', 'get', 'registry'])).trim()).hostname],
  ['the mirrors of the data', /^(storage\.googleapis\.com|ossci-datasets\.s3\.amazonaws\.com)$/],
  ['crates.io, for the engine in Rust', /^(index|static)\.crates\.io$/],
];

try {
  await run(['git', 'clone', '--quiet', '--no-hardlinks', root, clone]);
  const environment = {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: temporary,
    TERM: 'dumb',
    // The toolchain of Rust is a program, like Node; what cargo fetches is watched.
    RUSTUP_HOME: join(homedir(), '.rustup'),
    CARGO_HOME: join(home, '.cargo'),
    NPM_CONFIG_REGISTRY: (await run(['npm', 'config', 'get', 'registry'])).trim(),
    ...(process.env.MNIST_DATA_DIR ? { MNIST_DATA_DIR: process.env.MNIST_DATA_DIR } : {}),
  };
  const calls = [
    'open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat',
    'connect,sendto,sendmsg,sendmmsg',
    'clone,clone3,fork,vfork,chdir',
  ].join(',');
  const code = await new Promise((resolve, reject) => {
    const options = [
      '-f',
      '-qq',
      '-y',
      '-xx',
      '-s',
      '600',
      '--seccomp-bpf',
      '-e',
      'signal=none',
      '-e',
      `trace=${calls}`,
    ];
    spawn('strace', [...options, '-o', trace, 'npm', 'start', '--', ...argumentsOfStart], {
      cwd: clone,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
      .on('error', reject)
      .on('close', resolve);
  });
  if (code !== 0) throw new Error(`npm start ended with code ${code}`);

  const { files, lookups, connections } = await readTrace(trace);
  const count = new Map();
  const elsewhere = [];
  for (const file of files) {
    const place = places.find(([, ...folders]) =>
      folders.some((folder) => file === folder || file.startsWith(`${folder}/`)),
    );
    if (place) count.set(place[0], (count.get(place[0]) ?? 0) + 1);
    // The folders on the way to a place.
    else if (!places.some(([, ...folders]) => folders.some((folder) => folder.startsWith(`${file}/`))))
      elsewhere.push(file);
  }
  const strangers = [...lookups].filter(
    (host) => !hosts.some(([, known]) => (typeof known === 'string' ? known === host : known.test(host))),
  );
  console.log(
    `\nnpm start -- ${argumentsOfStart.join(' ')}, traced in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  for (const [place, number] of count)
    console.log(`  ${place}: ${number} files and folders written or removed`);
  console.log(`  looked up: ${[...lookups].sort().join(', ') || 'nothing'}`);
  console.log(`  connected to ${connections.size} addresses`);
  for (const file of elsewhere.slice(0, 40)) console.error(`  elsewhere: ${file.replace(home, '~')}`);
  for (const host of strangers) console.error(`  not to be looked up: ${host}`);
  if (elsewhere.length > 0 || strangers.length > 0) {
    console.error(`${elsewhere.length} files elsewhere, ${strangers.length} hosts that nobody named`);
    process.exitCode = 1;
  } else console.log('  nothing else');
} finally {
  rmSync(work, { recursive: true, force: true });
}
