import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, root, run } from '../release/commands.mjs';

const native = join(root, 'packages', 'native');
const addon = join(native, 'addon', 'mnist-native.node');

/**
 * Publishes @mnist/native as a release does: with one optional package a platform. All of them carry the addon that was built here,
 * since npm installs only the one that fits.
 *
 * @returns whether there is such an addon
 */
export async function publishNative({ work, environment }) {
  const packed = join(work, 'native');
  mkdirSync(join(packed, 'addons'), { recursive: true });
  await run([...pnpm, '--filter', '@mnist/native', 'pack', '--pack-destination', packed], {
    env: environment,
  });
  const tarball = readdirSync(packed).find((name) => name.endsWith('.tgz'));
  await run(['tar', '-xzf', tarball], { cwd: packed });
  const folder = join(packed, 'package');
  const hasAddon = existsSync(addon);
  if (hasAddon) {
    const { nativePlatforms } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const platform of nativePlatforms) {
      mkdirSync(join(packed, 'addons', platform));
      copyFileSync(addon, join(packed, 'addons', platform, 'mnist-native.node'));
    }
    mkdirSync(join(folder, 'scripts'));
    copyFileSync(
      join(native, 'scripts', 'platform-packages.mjs'),
      join(folder, 'scripts', 'platform-packages.mjs'),
    );
    const made = join(packed, 'platforms');
    await run([
      process.execPath,
      join(folder, 'scripts', 'platform-packages.mjs'),
      join(packed, 'addons'),
      made,
    ]);
    for (const platform of readdirSync(made))
      await run(['npm', 'publish', join(made, platform)], { env: environment });
  }
  await run(['npm', 'publish', folder, '--ignore-scripts'], { env: environment });
  return hasAddon;
}

/** Where the platform's package is missing, the engine says at once what to do. */
export async function nativeWithoutItsPlatform({ environment, makeProject }) {
  const folder = makeProject('native-alone');
  await run(
    [
      'npm',
      'install',
      '--omit=optional',
      '@mnist/native',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-layers',
    ],
    { cwd: folder, env: environment },
  );
  const code = `import { engineCandidates, nativeSupport } from '@mnist/native';
const [candidate] = engineCandidates();
console.log(JSON.stringify([nativeSupport(), await candidate.probe()]));
`;
  writeFileSync(join(folder, 'look.mjs'), code);
  const [support, verdict] = JSON.parse(await run([process.execPath, 'look.mjs'], { cwd: folder }));
  if (support.available || verdict.ready)
    throw new Error(`it claims to have an addon: ${JSON.stringify([support, verdict])}`);
  if (!/npm install @mnist\/native-\w+-\w+/.test(JSON.stringify(support)))
    throw new Error(`it does not say what to install: ${JSON.stringify(support)}`);
}
