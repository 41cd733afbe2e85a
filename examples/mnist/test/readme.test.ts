import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const here = fileURLToPath(new URL('..', import.meta.url));

describe('the README at the root', () => {
  it('shows code that compiles against the packages', () => {
    const text = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const code = text.match(/```ts\n(.*?)```/s)?.[1];
    expect(code).toMatch(/new Trainer/);
    // Inside this package, where its imports resolve.
    const folder = mkdtempSync(join(here, 'readme-'));
    try {
      writeFileSync(join(folder, 'sample.ts'), code!);
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: '../../../tsconfig.base.json', include: ['sample.ts'] }),
      );
      const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
      expect(execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })).toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
