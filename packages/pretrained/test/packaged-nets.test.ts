import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { committee } from '../src/index.js';

const folder = fileURLToPath(new URL('../nets', import.meta.url));
const { format, nets, test, data, recipe, combination } = committee();

describe('the packaged nets', () => {
  it('are those of committee.json, with its checksums, and nothing else lies there', async () => {
    const listed = nets.flatMap(({ name, files }) => Object.keys(files).map((file) => `${name}/${file}`));
    const present = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1).replaceAll('\\', '/'));
    expect(present.sort()).toEqual([...listed, 'committee.json'].sort());
    for (const { name, files } of nets) {
      for (const [file, { bytes, sha256 }] of Object.entries(files)) {
        const content = await readFile(`${folder}/${name}/${file}`);
        expect({
          file,
          bytes: content.length,
          sha256: createHash('sha256').update(content).digest('hex'),
        }).toEqual({ file, bytes, sha256 });
      }
    }
  });

  it('are described in the form that the types promise', () => {
    expect({ format, combination }).toEqual({ format: 2, combination: 'mean of probabilities' });
    expect(new Set(nets.map(({ seed }) => seed)).size).toBe(nets.length);
    expect(new Set(nets.map(({ files }) => files['weights.bin'].sha256)).size).toBe(nets.length);
    for (const net of nets) {
      expect(net).toMatchObject({
        name: expect.stringMatching(/^\d{3}$/),
        computedBy: expect.stringMatching(/:/),
      });
      for (const errors of [net.errors, net.errorsInFullPrecision]) {
        expect(errors).toBeGreaterThan(0);
        expect(errors).toBeLessThan(test.count / 100);
      }
    }
    expect(recipe.net).toEqual({
      name: expect.any(String),
      widths: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
    for (const sum of [data.train, data.test]) expect(sum).toMatch(/^[0-9a-f]{64}$/);
    expect(test.mistakes).toHaveLength(test.errors);
    for (const { image, label, answer } of test.mistakes) {
      expect(image).toBeLessThan(test.count);
      expect(label).not.toBe(answer);
    }
    const accuracy = 1 - test.errors / test.count;
    expect(test.interval.lower).toBeLessThan(accuracy);
    expect(test.interval.upper).toBeGreaterThan(accuracy);
  });

  it('each caller has a description of its own', () => {
    (committee().nets as unknown[]).length = 0;
    expect(committee().nets).toHaveLength(nets.length);
  });
});
