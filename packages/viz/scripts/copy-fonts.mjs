// Puts two of Inter's eighteen styles beside the built code, so that nobody downloads the other sixteen. Part of the build.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const FILES = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf', 'LICENSE_FONT'];
const { resolve } = createRequire(import.meta.url);

mkdirSync('dist/fonts', { recursive: true });
for (const file of FILES) {
  copyFileSync(resolve(`@expo-google-fonts/inter/${file}`), `dist/fonts/${basename(file)}`);
}
