import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = await readFile(join(folder, 'README.md'), 'utf8');
const example = /```js\n([\s\S]*?)```/.exec(readme)![1]!;

it('the example of the README runs', async () => {
  // Inside the package, which finds itself by its own name there.
  const place = await mkdtemp(join(folder, 'readme-'));
  try {
    await writeFile(join(place, 'example.mjs'), example);
    const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: place });
    expect(stdout).toMatch(/^4 of 4 [\s\S]*\n1\n0\.\d+\n$/);
  } finally {
    await rm(place, { recursive: true });
  }
});

it('and type-checks, strictly, without the types of Node', () => {
  const name = join(folder, 'test', 'example-of-the-readme.mts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile: read, getSourceFile } = host;
  host.fileExists = (path) => path === name || fileExists(path);
  host.readFile = (path) => (path === name ? example : read(path));
  host.getSourceFile = (path, ...rest) =>
    path === name ? ts.createSourceFile(path, example, ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest);
  const errors = ts.getPreEmitDiagnostics(ts.createProgram([name], options, host));
  expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
});
