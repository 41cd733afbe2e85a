// Every package as a stranger meets it: packed, published to a registry on loopback, installed ALONE by the line of its README, with
// npm and with pnpm; the README's examples run as ES modules and as CommonJS and are type-checked under three module resolutions, two
// versions of TypeScript, with and without @types/node, without skipLibCheck.
//   pnpm consumer-test [package ...] [--write-sizes]      such as: dataset augment
// Needs the npm registry. Prints sizes and times, and fails on the first thing a stranger would trip over.
// --write-sizes puts the measured sizes into the READMEs, which are otherwise checked.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { pnpm, publicPackages, registryEnvironment, run } from '../release/commands.mjs';
import { startRegistry } from '../release/local-registry.mjs';
import { nativeWithoutItsPlatform, publishNative } from './native.mjs';
import { onnxUnderThreeNetworks } from './onnx-networks.mjs';
import { asCommonJs, readReadme, transpile } from './readme.mjs';
import { checkSizes, writeSizes } from './sizes.mjs';
import { checkTarball } from './tarball.mjs';
import { installCompilers, typeCheck } from './type-check.mjs';

/** Seconds that one install may take, the registry's share included: a guard against what slips in. */
const longestInstall = 240;

const started = performance.now();
const writing = process.argv.includes('--write-sizes');
const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const packages = publicPackages().filter(
  ({ name }) => asked.length === 0 || asked.includes(name.split('/')[1]),
);
const upstream = (await run(['npm', 'config', 'get', 'registry'])).trim().replace(/\/$/, '');
const registry = await startRegistry({ upstream });
const work = mkdtempSync(join(tmpdir(), 'mnist-consumer-'));
const environment = registryEnvironment(registry.url, work);
/** What every leg needs. */
const world = { work, environment, registry, makeProject, install, runExample };
const rows = [];
let failed = 0;
try {
  await run(
    [...pnpm, '--recursive', '--filter', '!@mnist/native', 'publish', '--no-git-checks', '--ignore-scripts'],
    {
      env: environment,
    },
  );
  const hasAddon = await publishNative(world);
  const compilers = await installCompilers(makeProject, environment);
  for (const each of packages)
    await attempt(each.name, async () => rows.push(await consume(each, compilers)));
  const has = (name) => packages.some((each) => each.name === `@mnist/${name}`);
  if (has('native'))
    await attempt('@mnist/native without its platform package', () => nativeWithoutItsPlatform(world));
  if (has('native') && !hasAddon)
    console.log('skipped: the example of @mnist/native, for no addon is built here (no cargo)');
  if (has('onnx')) await attempt('@mnist/onnx under three networks', () => onnxUnderThreeNetworks(world));

  async function consume({ name, path, manifest }, compilers) {
    const readme = readReadme(join(path, 'README.md'));
    if (!readme.examples.some(({ runs }) => runs))
      throw new Error('its README has no example that imports it');
    const published = registry.packages.get(name).versions[manifest.version];
    const bytes = registry.tarballs.get(new URL(published.dist.tarball).pathname.slice(1));
    const short = name.split('/')[1];
    const { packed, unpacked } = await checkTarball(published, bytes, join(work, `${short}-tarball`));

    const seconds = {};
    let [ran, megabytes] = [0, 0];
    for (const manager of ['npm', 'pnpm']) {
      const folder = makeProject(`${short}-${manager}`);
      const before = performance.now();
      await install(manager, folder, readme);
      seconds[manager] = (performance.now() - before) / 1000;
      if (seconds[manager] > longestInstall)
        throw new Error(`${manager} took ${seconds[manager].toFixed(0)} s to install it`);
      if (manager === 'npm') megabytes = folderBytes(join(folder, 'node_modules')) / 1e6;
      if (name === '@mnist/native' && !hasAddon) continue;
      ran += await runExamples(manager, folder, readme);
    }
    const folder = join(work, `${short}-npm`);
    const checked = await typeCheck({
      folder,
      name,
      exports: manifest.exports,
      ...readme,
      compilers,
      environment,
    });
    const sizes = { packed, unpacked, megabytes };
    if (writing) writeSizes(join(path, 'README.md'), sizes);
    else checkSizes(readme.text, sizes);
    rmSync(folder, { recursive: true });
    return [
      name,
      packed.toFixed(0),
      unpacked.toFixed(0),
      megabytes.toFixed(1),
      seconds.npm.toFixed(1),
      seconds.pnpm.toFixed(1),
      ran,
      checked,
    ];
  }
} finally {
  await registry.close();
  rmSync(work, { recursive: true, force: true });
}
const header = [
  'package',
  'packed kB',
  'unpacked kB',
  'installed MB',
  'npm s',
  'pnpm s',
  'examples run',
  'type checks',
];
for (const row of [header, header.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
console.log(`in ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${rows.length} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function attempt(what, leg) {
  const before = performance.now();
  try {
    await leg();
    console.log(`${what}: ${((performance.now() - before) / 1000).toFixed(0)} s`);
  } catch (error) {
    failed++;
    console.error(`\n${what}: ${error.message}\n`);
  }
}

/** An empty project of a stranger. @returns its folder */
function makeProject(name) {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  );
  return folder;
}

/** The README's line, with npm or pnpm. */
async function install(manager, folder, { installs, variables }, env = {}) {
  const command =
    manager === 'npm' ? ['npm', 'install'] : [...pnpm, 'add', '--store-dir', join(work, 'store')];
  await run([...command, ...installs], { cwd: folder, env: { ...environment, ...variables, ...env } });
}

/** The README's examples as ES modules and as CommonJS, each in an empty folder. @returns how many ran */
async function runExamples(manager, folder, { examples }) {
  let ran = 0;
  const installed = new Set();
  for (const [i, { code, runs, alsoInstalls }] of examples.entries()) {
    if (!runs) continue;
    const missing = alsoInstalls.filter((name) => !installed.has(name));
    if (missing.length > 0) await install(manager, folder, { installs: missing });
    for (const name of missing) installed.add(name);
    for (const format of ['mjs', 'cjs']) {
      const place = join(folder, `example-${i}-${format}`);
      mkdirSync(place);
      for (const { file, code } of examples)
        if (file !== undefined) writeFileSync(join(place, `${file}.js`), code);
      await runExample(
        place,
        `example-${i}.${format}`,
        format === 'mjs' ? transpile(code, ts.ModuleKind.ESNext) : asCommonJs(code),
      );
      ran++;
    }
  }
  return ran;
}

/** Runs code with an empty home. @returns what it printed */
async function runExample(place, file, code) {
  writeFileSync(join(place, file), code);
  return run([process.execPath, file, join(place, 'out')], {
    cwd: place,
    env: { HOME: place, XDG_CACHE_HOME: join(place, '.cache') },
  });
}

function folderBytes(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
