import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { committee } from '../src/index.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = await readFile(join(folder, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);

it('the examples of the README run', async () => {
  // Inside the package, which finds itself by its own name there.
  const place = await mkdtemp(join(folder, 'readme-'));
  try {
    const printed: string[] = [];
    for (const example of examples) {
      await writeFile(join(place, 'example.mjs'), example);
      printed.push((await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: place })).stdout);
    }
    const { nets, test } = committee();
    expect(printed).toHaveLength(2);
    expect(printed[0]).toContain(
      `${nets.length} nets, together ${test.errors} errors in ${test.count} test images\n`,
    );
    expect(printed[0]).toMatch(/Tensor\s+\[1\]/);
    // The weights as float32, in a file that begins as ONNX files do: with the version of its form.
    const onnx = await readFile(join(place, 'net.onnx'));
    expect(onnx[0]).toBe(0x08);
    expect(onnx.length).toBeGreaterThan(1e6);
  } finally {
    await rm(place, { recursive: true });
  }
});

it('its figures are those of committee.json', async () => {
  const script = '../scripts/draw-figures.mjs';
  const { drawn } = (await import(script)) as { drawn(): { text: string; should: string } };
  const { text, should } = drawn();
  expect(text, 'draw them again: pnpm --filter @mnist/pretrained replace-nets').toBe(should);
});
