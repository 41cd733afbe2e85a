import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

// Every JavaScript example of the README is a whole program; each is run as it stands there, against the built package.
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/^## (.*)$|^```js\n([\s\S]*?)^```$/gm)];
const root = mkdtempSync(join(tmpdir(), 'mnist-train-readme-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function example(heading: string | undefined): string {
  let current: string | undefined;
  for (const [, title, code] of examples) {
    if (title) current = title;
    else if (current === heading) return code!;
  }
  throw new Error(`the README has no example under '${heading}'`);
}

async function run(code: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', code, '--', ...args],
    { cwd: packageFolder },
  );
  return stdout;
}

describe('the examples of the README', () => {
  it('the first', async () => {
    const [, before, after] = /completed after 100 steps, loss ([\d.]+) -> ([\d.]+)/.exec(
      await run(example(undefined)),
    )!;
    expect(Number(after)).toBeLessThan(Number(before) / 2);
  });

  it('a trainer from parts', async () => {
    const output = await run(example('A trainer from parts'));
    expect(output.match(/^step \d+: loss/gm)).toHaveLength(6);
    expect(Number(/held-out accuracy ([\d.]+)/.exec(output)![1])).toBeGreaterThan(0.5);
    expect(/weight norms: (.*)/.exec(output)![1]!.split(',')).toHaveLength(6);
  });

  it("a loop of one's own", async () => {
    const lines = (await run(example("A loop of one's own"))).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
  });

  it('checkpoints and resume, run twice', async () => {
    const code = example('Checkpoints and resume').replace('process.argv[2]', 'process.argv[1]');
    const folder = join(root, 'run');
    expect(await run(code, folder)).toBe('continued from step 0, 30 steps in all\n');
    expect(await run(code, folder)).toBe('continued from step 30, 30 steps in all\n');
  });

  it('distillation', async () => {
    expect(await run(example('Distillation'))).toMatch(
      /^the student: completed after 40 steps, loss [\d.]+\n$/,
    );
  });

  it('has no example that this file does not run', () => {
    expect(readme.match(/^```js$/gm)).toHaveLength(5);
  });
});
