// Gives the packages their next versions and changelogs, as `changeset version` does, after adding what it cannot know: a package that
// copies the types of another into its own declarations (`build.inlineTypes`) changes when that one does, although it does not depend on it.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pnpm, publicPackages, run } from './commands.mjs';

const cwd = process.cwd();
const status = join(mkdtempSync(join(tmpdir(), 'mnist-status-')), 'status.json');
// The file's name is taken from the working folder.
await run([...pnpm, 'exec', 'changeset', 'status', `--output=${relative(cwd, status)}`], { cwd });
const released = new Set(
  JSON.parse(readFileSync(status, 'utf8'))
    .releases.filter(({ type }) => type !== 'none')
    .map(({ name }) => name),
);
for (const { name, manifest } of publicPackages(cwd)) {
  const copied = (manifest.build?.inlineTypes ?? []).filter((other) => released.has(other));
  if (copied.length === 0 || released.has(name)) continue;
  const text = `---\n"${name}": patch\n---\n\nThe types that it takes from ${copied.join(', ')} are those of the new version.\n`;
  writeFileSync(join(cwd, '.changeset', `types-of-${name.split('/')[1]}.md`), text);
}
process.stdout.write(await run([...pnpm, 'exec', 'changeset', 'version'], { cwd }));
await run([...pnpm, 'install', '--lockfile-only'], { cwd });
