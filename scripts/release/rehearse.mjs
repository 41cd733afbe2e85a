// Two releases, as the release workflow makes them, in a clone of HEAD and against a registry on loopback: nothing leaves this machine.
//   pnpm release:rehearse
// Checks versions, changelogs, tags, dependencies, the platform packages of @mnist/native, and that a change of a package's types reaches
// who copies them.
// Needs git and the npm registry (for the clone's install); takes a few minutes.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pnpm, publicPackages, registryEnvironment, root, run } from './commands.mjs';
import { startRegistry } from './local-registry.mjs';

const started = performance.now();
const work = mkdtempSync(join(tmpdir(), 'mnist-rehearsal-'));
const clone = join(work, 'clone');
const addons = join(work, 'addons');
const upstream = (await run(['npm', 'config', 'get', 'registry'])).trim().replace(/\/$/, '');
const registry = await startRegistry({ upstream });
mkdirSync(clone);
const env = {
  ...registryEnvironment(registry.url, work),
  GIT_AUTHOR_NAME: 'rehearsal',
  GIT_AUTHOR_EMAIL: 'rehearsal@localhost',
  GIT_COMMITTER_NAME: 'rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@localhost',
};
const inClone = (...command) => run(command, { cwd: clone, env });
const assert = (holds, text) => {
  if (!holds) throw new Error(text);
  console.log(`  ${text}`);
};

try {
  await run(['git', 'clone', '--quiet', '--no-hardlinks', root, clone]);
  await inClone('git', 'checkout', '--quiet', '-B', 'main');
  await inClone(...pnpm, 'install', '--frozen-lockfile');
  // In the place of the addons that the workflow builds on seven machines: nothing loads them here.
  const { nativePlatforms } = JSON.parse(readFileSync(join(clone, 'packages/native/package.json'), 'utf8'));
  for (const platform of nativePlatforms) {
    mkdirSync(join(addons, platform), { recursive: true });
    writeFileSync(join(addons, platform, 'mnist-native.node'), `The addon for ${platform}\n`);
  }
  const all = publicPackages(clone).map(({ name }) => name);

  console.log('first release');
  await release();
  const first = versions();
  assert(
    all.every((name) => first[name] === tagged(name)),
    `every package is published under the version of its package.json (${Object.entries(first)
      .map(([name, version]) => `${name.slice(7)} ${version}`)
      .join(', ')})`,
  );
  await checkTags(all, first);
  for (const { name, path } of publicPackages(clone)) {
    const changelog = readFileSync(join(path, 'CHANGELOG.md'), 'utf8');
    if (!changelog.includes(`## ${first[name]}`))
      throw new Error(`the changelog of ${name} has no entry for ${first[name]}`);
    const manifest = registry.packages.get(name).versions[first[name]];
    const text = JSON.stringify({
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
    });
    if (/workspace:|catalog:|@mnist\/kit/.test(text)) throw new Error(`${name} was published with ${text}`);
  }
  assert(true, 'every changelog has its entry; no dependency of the workspace alone was published');
  checkPlatforms(nativePlatforms, first);

  console.log('second release: a patch of dataset and of native');
  writeFileSync(
    join(clone, '.changeset', 'rehearsal.md'),
    '---\n"@mnist/dataset": patch\n"@mnist/native": patch\n---\n\nRehearsed.\n',
  );
  writeFileSync(join(clone, 'packages/dataset/src/rehearsal.ts'), 'export const rehearsed = true;\n');
  await inClone('git', 'add', '-A');
  await inClone('git', 'commit', '--quiet', '-m', 'A patch');
  await release();
  const second = versions();
  const changed = all.filter((name) => second[name] !== first[name]);
  assert(
    changed.includes('@mnist/dataset'),
    `dataset went from ${first['@mnist/dataset']} to ${second['@mnist/dataset']}`,
  );
  assert(
    changed.includes('@mnist/augment'),
    `augment, which carries dataset's types, went along to ${second['@mnist/augment']}`,
  );
  assert(
    all.every((name) => second[name] === tagged(name)),
    `what changed was published, and nothing else (${changed.map((name) => name.slice(7)).join(', ')})`,
  );
  await checkTags(changed, second);
  assert(
    second['@mnist/native'] !== first['@mnist/native'],
    `native went from ${first['@mnist/native']} to ${second['@mnist/native']}`,
  );
  checkPlatforms(nativePlatforms, second);
  assert(
    (await inClone('git', 'status', '--porcelain')).trim() === '',
    'a release leaves the checkout as it was',
  );
  const changelog = readFileSync(join(clone, 'packages/dataset/CHANGELOG.md'), 'utf8');
  assert(
    changelog.includes(`## ${second['@mnist/dataset']}`) && changelog.includes('Rehearsed.'),
    'its changelog says what changed',
  );
  console.log(`2 releases rehearsed in ${((performance.now() - started) / 1000).toFixed(0)} s`);
} finally {
  await registry.close();
  rmSync(work, { recursive: true, force: true });
}

/** The two halves of the release workflow: the pull request's commit, then the publishing of it. */
async function release() {
  await inClone(...pnpm, 'run', 'version-packages');
  await inClone('git', 'add', '-A');
  await inClone('git', 'commit', '--quiet', '-m', 'Version packages');
  await inClone(process.execPath, 'scripts/release/publish.mjs', addons);
}

/** @mnist/native names its platform packages, which are there, each for its platform alone. */
function checkPlatforms(platforms, versions) {
  const version = versions['@mnist/native'];
  const { optionalDependencies = {} } = registry.packages.get('@mnist/native').versions[version];
  for (const platform of platforms) {
    const name = `@mnist/native-${platform}`;
    const { os, cpu } = registry.packages.get(name)?.versions[version] ?? {};
    if (optionalDependencies[name] !== version || `${os}-${cpu}` !== platform.split('-', 2).join('-'))
      throw new Error(`${name}@${version} is not published, or @mnist/native@${version} does not name it`);
  }
  assert(true, `native ${version} has its ${platforms.length} platform packages`);
}

function versions() {
  return Object.fromEntries(publicPackages(clone).map(({ name, manifest }) => [name, manifest.version]));
}

function tagged(name) {
  return registry.packages.get(name)?.['dist-tags'].latest;
}

async function checkTags(names, expected) {
  const tags = new Set((await inClone('git', 'tag', '--list')).trim().split('\n'));
  const missing = names.filter((name) => !tags.has(`${name}@${expected[name]}`));
  assert(missing.length === 0, `each has its tag, such as ${names[0]}@${expected[names[0]]}`);
}
