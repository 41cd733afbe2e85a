import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CommitteeName, committee } from '../src/index.js';

const folder = fileURLToPath(new URL('../nets', import.meta.url));
const names: readonly CommitteeName[] = ['committee', 'distilled-compact', 'distilled-double'];

describe('the packaged nets', () => {
  it('are those that are described, with their checksums, and nothing else lies there', async () => {
    const nets = names.flatMap((name) => committee(name).nets);
    const listed = nets.flatMap(({ name, files }) => Object.keys(files).map((file) => `${name}/${file}`));
    const present = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1).replaceAll('\\', '/'));
    expect(present.sort()).toEqual([...listed, ...names.map((name) => `${name}.json`)].sort());
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

  it.each(names)('%s is described in the form that the types promise', (committeeName) => {
    const { format, nets, test, data, recipe, combination } = committee(committeeName);
    expect({ format, combination }).toEqual({ format: 2, combination: 'mean of probabilities' });
    expect(new Set(nets.map(({ seed }) => seed)).size).toBe(nets.length);
    expect(new Set(nets.map(({ files }) => files['weights.bin'].sha256)).size).toBe(nets.length);
    for (const net of nets) {
      expect(net).toMatchObject({
        name: committeeName === 'committee' ? expect.stringMatching(/^\d{3}$/) : committeeName,
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

  it('the distilled ones learned from nets that are shipped beside them', () => {
    const { nets, data } = committee();
    const known = nets.map(({ files }) => files['weights.bin'].sha256);
    for (const name of names.slice(1)) {
      const student = committee(name);
      expect(student.nets).toHaveLength(1);
      expect(student.data).toEqual(data);
      const { teachers, labelShare } = student.recipe.distillation!;
      expect(teachers).toEqual(known.slice(0, teachers.length));
      expect(labelShare).toBeLessThan(1);
    }
    expect(committee().recipe.distillation).toBeUndefined();
  });

  it('each caller has a description of its own', () => {
    const { length } = committee().nets;
    (committee().nets as unknown[]).length = 0;
    expect(committee().nets).toHaveLength(length);
  });

  it('refuses a name that there is not', () => {
    for (const name of ['distilled', 'toString', '', 3, null]) {
      expect(() => committee(name as CommitteeName)).toThrow(
        expect.objectContaining({
          code: 'UNKNOWN_COMMITTEE',
          message: expect.stringMatching(/name is .*; expected one of 'committee', 'distilled-compact'/),
        }),
      );
    }
  });
});
