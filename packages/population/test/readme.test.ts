import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from './support/population-fixture.js';

it('the example of the README runs, twice', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const folder = temporaryFolder();
  for (const [, name, code] of readme.matchAll(/```js\n\/\/ (\w+\.js)\n([\s\S]*?)```/g)) {
    writeFileSync(join(folder, name!), code!);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules', '@mnist'), { recursive: true });
  const here = fileURLToPath(new URL('..', import.meta.url));
  symlinkSync(here, join(folder, 'node_modules', '@mnist', 'population'), 'junction');
  const run = () => spawnSync(process.execPath, ['run.js'], { cwd: folder, encoding: 'utf8' });
  const first = run();
  expect(first.stderr).toBe('');
  expect(first.stdout.match(/^net \d \{ heads: 0\.\d/gm)).toHaveLength(8);
  expect(run().stdout).toMatch(/^8 nets; \{\s*data: Float32Array\(2\)/);
});
