import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const config = fileURLToPath(new URL('../../../tsup.config.ts', import.meta.url));
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const tsup = join(modules, 'tsup', 'dist', 'cli-default.js');
const folder = mkdtempSync(join(tmpdir(), 'kit-build-'));
// The build looks up TypeScript in the package that it builds.
symlinkSync(modules, join(folder, 'node_modules'), 'junction');
afterAll(() => rmSync(folder, { recursive: true }));

/** Builds a package of these sources, each an entry of its own, as every package of the house is built. @returns what dist holds then */
function build(sources: Readonly<Record<string, string>>): string[] {
  rmSync(join(folder, 'src'), { recursive: true, force: true });
  const paths = Object.keys(sources);
  for (const [path, code] of Object.entries(sources)) {
    const file = join(folder, 'src', `${path}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  const manifest = {
    name: 'built',
    type: 'module',
    exports: Object.fromEntries(paths.map((path) => [`./${path}`, { default: `./dist/${path}.js` }])),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  execFileSync(process.execPath, [tsup, '--config', config], { cwd: folder, stdio: 'pipe' });
  return (readdirSync(join(folder, 'dist'), { recursive: true }) as string[])
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

test('a file that is no longer in src is no longer in dist after a build', () => {
  const kept = { index: 'export const answer = 42;' };
  const before = build({ ...kept, 'old/thing': 'export const thing = 43;' });
  expect(before).toEqual(expect.arrayContaining(['index.js', 'old/thing.d.ts', 'old/thing.js']));
  expect(build(kept)).toEqual(['index.d.ts', 'index.js']);
});
