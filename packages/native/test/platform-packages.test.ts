import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { nativeSupport } from '../src/index.js';
import { platformTarget } from '../src/load-addon.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'native-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const support = nativeSupport();
if (!support.available) console.log(`skipped: ${support.reason}`);

test.skipIf(!support.available)(
  'a release: the platform package that fits is found by the main package',
  () => {
    // The script changes package.json, so it works on a copy.
    const copy = join(folder, 'copy');
    mkdirSync(copy);
    cpSync(join(root, 'scripts'), join(copy, 'scripts'), { recursive: true });
    copyFileSync(join(root, 'package.json'), join(copy, 'package.json'));
    const { nativePlatforms, version } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
    expect(nativePlatforms).toContain(platformTarget());
    for (const platform of nativePlatforms) {
      mkdirSync(join(folder, 'addons', platform), { recursive: true });
      copyFileSync(
        join(root, 'addon', 'mnist-native.node'),
        join(folder, 'addons', platform, 'mnist-native.node'),
      );
    }
    const script = join(copy, 'scripts', 'platform-packages.mjs');
    execFileSync(process.execPath, [script, join(folder, 'addons'), join(folder, 'packages')]);
    const manifest = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
    expect(manifest.optionalDependencies).toHaveProperty('@mnist/native-darwin-arm64', version);

    // As npm installs them: the main package without an addon of its own, and the platform's.
    const modules = join(folder, 'app', 'node_modules', '@mnist');
    mkdirSync(join(modules, 'native'), { recursive: true });
    cpSync(join(root, 'dist'), join(modules, 'native', 'dist'), { recursive: true });
    copyFileSync(join(copy, 'package.json'), join(modules, 'native', 'package.json'));
    symlinkSync(join(root, '..', 'engine'), join(modules, 'engine'), 'junction');
    const look = () =>
      JSON.parse(
        execFileSync(
          process.execPath,
          [
            '--input-type=module',
            '-e',
            "console.log(JSON.stringify((await import('@mnist/native')).nativeSupport()))",
          ],
          { cwd: join(folder, 'app'), encoding: 'utf8' },
        ),
      );
    expect(look()).toMatchObject({ available: false, reason: expect.stringContaining('is not installed') });
    const packaged = `native-${platformTarget()}`;
    cpSync(join(folder, 'packages', platformTarget()), join(modules, packaged), { recursive: true });
    expect(look()).toMatchObject({ available: true, source: `@mnist/${packaged}` });
  },
);
