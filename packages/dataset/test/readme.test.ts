import { spawnSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeWorld } from './support/world.js';

it('the example of the README runs, without any data', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  const { root } = await makeWorld();
  await mkdir(join(root, 'node_modules', '@mnist'), { recursive: true });
  const here = fileURLToPath(new URL('..', import.meta.url));
  await symlink(here, join(root, 'node_modules', '@mnist', 'dataset'), 'junction');
  // A named folder without files: no network is touched.
  await writeFile(
    join(root, 'example.mjs'),
    code.replace("{ split: 'train' }", "{ split: 'train', dataDir: '.' }"),
  );
  const { stdout, stderr } = spawnSync(process.execPath, ['example.mjs'], { cwd: root, encoding: 'utf8' });
  expect(stderr).toMatch(/MNIST: train-images-idx3-ubyte is nowhere to be had.*Going on with drawn digits/s);
  expect(stdout).toMatch(/^synthetic-digits \[ 2000, 28, 28 \] \[ 500 \]\n\[ 100, 28, 28, 1 \] \d\n$/);
});
