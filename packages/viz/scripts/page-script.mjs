// Writes src/_page-script.ts, the script of the report's page, from src/page: node packages/viz/scripts/page-script.mjs.
// A test compares the two.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export async function pageScript() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/page/main.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'iife',
    // Browsers of 2022 and later: <dialog>, Array.at.
    target: 'es2022',
    write: false,
  });
  return outputFiles[0].text.trim();
}

function source(script) {
  return [
    '// Written by scripts/page-script.mjs from src/page. Do not edit.',
    '',
    `export const PAGE_SCRIPT =\n  ${JSON.stringify(script)};`,
    '',
    '/** By which the Content-Security-Policy of the page allows this script and no other. */',
    `export const PAGE_SCRIPT_HASH = 'sha256-${createHash('sha256').update(script).digest('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL('../src/_page-script.ts', import.meta.url), source(await pageScript()));
}
