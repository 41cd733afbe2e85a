// Makes the platform packages of a release: node scripts/platform-packages.mjs ADDONS_FOLDER OUT_FOLDER
// ADDONS_FOLDER holds one folder a platform, named 'linux-x64-gnu' and so on, each with its mnist-native.node. Each becomes a
// package of this package's version in OUT_FOLDER, and an optional dependency in this package's package.json: npm installs
// the one that fits.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [addons, out] = process.argv.slice(2);
if (!addons || !out) {
  console.error('Usage: node scripts/platform-packages.mjs ADDONS_FOLDER OUT_FOLDER');
  process.exit(2);
}
const file = join(root, 'package.json');
const manifest = JSON.parse(readFileSync(file, 'utf8'));
const platforms = manifest.nativePlatforms;
const unknown = readdirSync(addons).filter((name) => !platforms.includes(name));
const missing = platforms.filter((name) => !existsSync(join(addons, name, 'mnist-native.node')));
if (unknown.length > 0 || missing.length > 0) {
  console.error(
    `missing: ${missing.join(', ') || 'none'}; not in nativePlatforms: ${unknown.join(', ') || 'none'}`,
  );
  process.exit(1);
}
for (const platform of platforms) {
  const [os, cpu, libc] = platform.split('-');
  const folder = join(out, platform);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(addons, platform, 'mnist-native.node'), join(folder, 'mnist-native.node'));
  const { version, license, repository, engines, publishConfig } = manifest;
  const described = {
    name: `${manifest.name}-${platform}`,
    version,
    description: `The compiled part of ${manifest.name} for ${platform}`,
    license,
    repository,
    engines,
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' ? { libc: [libc === 'gnu' ? 'glibc' : 'musl'] } : {}),
    main: 'mnist-native.node',
    files: ['mnist-native.node'],
    publishConfig,
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(described, null, 2)}\n`);
  const text = `# ${described.name}\n\n${described.description}. Installed by npm with \`${manifest.name}\`.\n`;
  writeFileSync(join(folder, 'README.md'), text);
}
manifest.optionalDependencies = Object.fromEntries(
  platforms.map((platform) => [`${manifest.name}-${platform}`, manifest.version]),
);
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`${platforms.length} platform packages of version ${manifest.version} in ${out}`);
