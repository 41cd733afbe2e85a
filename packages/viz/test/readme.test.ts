import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** What the reader of the third example has from elsewhere. */
const GIVEN = `
import { htmlReport } from '@mnist/viz';
const images = (count) => ({ data: new Uint8Array(count * 784).fill(90), shape: [count, 28, 28] });
const test = { images: images(30), labels: new Uint8Array(30) };
const augmented = images(4);
const nets = [0.2, 0.7].map((share, net) => ({
  name: 'net ' + net,
  probabilities: {
    data: Float32Array.from({ length: 300 }, (_, at) => (at % 10 === 0 ? share : at % 10 === 1 ? 1 - share : 0)),
    shape: [30, 10],
  },
}));
`;
const CHECK = `
const page = await htmlReport({ title: 'All', sections: [{ heading: 'Committee', blocks: [block] }] });
console.log(page.includes('All 2 nets vote: <strong>30 errors</strong>') ? 'as the README says' : page);
`;

it('runs the examples of the README, as somebody who installed the package', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code!);
  expect(examples).toHaveLength(3);
  // Inside the package, so that its name means itself, in the built form.
  const folder = mkdtempSync(join(root, 'readme-'));
  try {
    // Each alone, as a reader copies it.
    const [figure, report, committee] = examples as [string, string, string];
    const programs = [
      figure,
      `${report}\nconsole.log(html.length > 10_000 ? 'a whole page' : html);`,
      `${GIVEN}\n${committee}\n${CHECK}`,
    ];
    const output = programs
      .map((program, index) => {
        writeFileSync(join(folder, `example-${index}.mjs`), program);
        return execFileSync(process.execPath, [`example-${index}.mjs`], { cwd: folder, encoding: 'utf8' });
      })
      .join('');
    expect(output).toContain('Loss during training');
    expect(output).toContain('a whole page');
    expect(output).toContain('as the README says');
    expect(readFileSync(join(folder, 'loss.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(readFileSync(join(folder, 'loss.svg'), 'utf8')).toMatch(/^<svg /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
