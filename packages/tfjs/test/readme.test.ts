import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

// Examples are whole programs; each is run as it stands in its README, against the built packages.
const packageFolder = fileURLToPath(new URL('..', import.meta.url));

async function run(readme: string, start: RegExp): Promise<string> {
  const text = readFileSync(new URL(readme, import.meta.url), 'utf8');
  const code = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)]
    .map(([, body]) => body!)
    .find((body) => start.test(body));
  const args = ['--input-type=module', '--eval', code!];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: packageFolder });
  return stdout;
}

it('the example of the README learns', async () => {
  const losses = (await run('../README.md', /tfjsEngine/)).trim().split('\n').map(Number);
  expect(losses).toHaveLength(5);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
});

it("the conformance example of @mnist/engine's README finds nothing", async () => {
  expect(await run('../../engine/README.md', /engineConformanceCases/)).toBe('');
});
