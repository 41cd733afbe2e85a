import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from '../release/commands.mjs';

/** Kilobytes that the tarball of a package may have: a guard against what slips in, not a goal. viz carries its fonts, pretrained its nets. */
const largestTarball = (name) => ({ '@mnist/viz': 600, '@mnist/pretrained': 25_000 })[name] ?? 300;

/**
 * Looks at what is published rather than at what was meant to be: no source maps or sources, nothing left over from another build, no
 * workspace-only dependency, the `node:` prefix kept, no types of Node that a user without @types/node would miss, and everything that npm's page shows.
 *
 * @returns kilobytes packed and unpacked
 */
export async function checkTarball(manifest, bytes, folder) {
  const { name } = manifest;
  const wrong = [];
  const kilobytes = bytes.length / 1000;
  if (kilobytes > largestTarball(name))
    wrong.push(`its tarball has ${kilobytes.toFixed(0)} kB; at most ${largestTarball(name)} are allowed`);

  for (const field of ['description', 'license', 'author', 'homepage', 'bugs', 'repository'])
    if (!manifest[field]) wrong.push(`its package.json has no '${field}'`);
  if ((manifest.keywords ?? []).length < 4) wrong.push('its package.json has fewer than four keywords');
  const needs = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  for (const [other, range] of Object.entries(needs))
    if (other === '@mnist/kit' || /^(workspace|catalog|link|file):/.test(range))
      wrong.push(`it depends on ${other} ${range}, which nobody can install`);
  if (/^(pre|post)?install$/m.test(Object.keys(manifest.scripts ?? {}).join('\n')))
    wrong.push('it runs a script at installation');

  mkdirSync(folder, { recursive: true });
  await run(['tar', '-xzf', '-', '-C', folder], { input: bytes });
  let unpacked = 0;
  const reached = reachedFrom(join(folder, 'package'), manifest);
  for (const file of filesBelow(join(folder, 'package'))) {
    unpacked += statSync(file).size;
    const shown = file.slice(join(folder, 'package').length + 1);
    if (/\.map$|(?<!\.d)\.[cm]?tsx?$/.test(shown)) wrong.push(`it publishes ${shown}`);
    if (!/\.[cm]?[jt]s$/.test(shown)) continue;
    // A build empties dist, but one that comes out of turbo's cache is laid over what is there.
    if (!reached.has(file))
      wrong.push(`${shown} is reached from nothing in package.json: another build left it (rm -r dist)`);
    const text = readFileSync(file, 'utf8');
    if (/sourceMappingURL=|"sourcesContent"/.test(text)) wrong.push(`${shown} names a source map`);
    if (text.includes('@mnist/kit')) wrong.push(`${shown} imports the private kit`);
    if (/\.d\.[cm]?ts$/.test(shown) && /\bNodeJS\.|reference types="node"/.test(text))
      wrong.push(`${shown} names a type of @types/node`);
    for (const [, specifier] of text.matchAll(/(?:\bfrom|\brequire\(|\bimport\()\s*["']([a-z_/]+)["']/g))
      if (isBuiltin(specifier)) wrong.push(`${shown} imports '${specifier}' without 'node:'`);
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return { packed: kilobytes, unpacked: unpacked / 1000 };
}

/** The code that a user can reach: what package.json names, what that imports, and so on. */
function reachedFrom(folder, manifest) {
  const named = JSON.stringify([manifest.exports, manifest.bin]).match(/(?<=")(\.\/)?dist\/[^"]+/g) ?? [];
  const workers = (manifest.build?.workers ?? []).map((name) => `dist/${name}.js`);
  const reached = new Set();
  const waiting = [...named, ...workers].map((path) => join(folder, path));
  for (const path of waiting) {
    const types = path.replace(/\.([cm]?)js$/, '.d.$1ts');
    for (const file of new Set([path, types])) {
      if (reached.has(file) || !existsSync(file)) continue;
      reached.add(file);
      for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/["'](\.\.?\/[^"'\n]+)["']/g))
        waiting.push(join(dirname(file), specifier));
    }
  }
  return reached;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
