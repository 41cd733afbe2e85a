// Publishes what is not published yet: the platform packages of @mnist/native first, so that whoever installs it finds them, then every
// package, each with its tag. What the release workflow runs, and its rehearsal.
//   node scripts/release/publish.mjs ADDONS_FOLDER      one folder a platform, as packages/native/scripts/platform-packages.mjs reads them
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pnpm, run } from './commands.mjs';

const cwd = process.cwd();
const addons = process.argv[2];
if (!addons) {
  console.error('Usage: node scripts/release/publish.mjs ADDONS_FOLDER');
  process.exit(2);
}
const manifest = join(cwd, 'packages/native/package.json');
const before = readFileSync(manifest, 'utf8');
const made = mkdtempSync(join(tmpdir(), 'mnist-platforms-'));
try {
  await run([process.execPath, 'packages/native/scripts/platform-packages.mjs', resolve(addons), made], {
    cwd,
  });
  for (const platform of readdirSync(made)) {
    const folder = join(made, platform);
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    // A release that stopped half-way goes on where it was.
    const published = await run(['npm', 'view', `${name}@${version}`, 'version'], { cwd }).catch(() => '');
    if (published.trim() === version) continue;
    await run(['npm', 'publish', folder, '--access', 'public'], { cwd });
    console.log(`${name}@${version} published`);
  }
  process.stdout.write(await run([...pnpm, 'run', 'release'], { cwd }));
} finally {
  // The list of platform packages is for what is published only.
  writeFileSync(manifest, before);
  rmSync(made, { recursive: true });
}
