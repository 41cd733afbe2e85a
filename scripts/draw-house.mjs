// Draws the picture of the house in ARCHITECTURE.md from what the packages and examples import.
//   node scripts/draw-house.mjs           writes it
//   node scripts/draw-house.mjs --check   fails when it is not what the imports say (part of `pnpm lint`)
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [begin, end] = ['<!-- house: begin -->', '<!-- house: end -->'];

const folders = ['packages', 'examples'].flatMap((floor) =>
  readdirSync(join(root, floor)).map((name) => ({ floor, name, path: join(root, floor, name) })),
);
const rooms = folders.flatMap(({ floor, name, path }) => {
  const manifest = readManifest(path);
  return manifest ? [{ floor, name, path, packageName: manifest.name }] : [];
});
const byPackage = new Map(rooms.map((room) => [room.packageName, room]));

/** lower room -> 'values' or 'types' */
function importsOf(room) {
  const found = new Map();
  for (const file of sourceFiles(join(room.path, 'src'))) {
    // Without the examples in comments.
    const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    for (const [, kind, name] of text.matchAll(
      /(?:^|\n)\s*(import type|export type|import|export)\b[^;]*?\bfrom '(@mnist\/[\w-]+)/g,
    )) {
      if (!byPackage.has(name) || name === room.packageName) continue;
      const types = kind.endsWith('type') && found.get(name) !== 'values';
      found.set(name, types ? 'types' : 'values');
    }
    for (const [, name] of text.matchAll(/import\('(@mnist\/[\w-]+)/g)) {
      if (byPackage.has(name) && name !== room.packageName) found.set(name, 'values');
    }
  }
  return found;
}

const arrows = rooms.flatMap((room) =>
  [...importsOf(room)]
    .map(([name, kind]) => ({ from: room, to: byPackage.get(name), kind }))
    // Every package inlines some of the kit: those arrows would hide the others.
    .filter(({ to }) => to.name !== 'kit'),
);
const lines = [
  '```mermaid',
  'flowchart TD',
  ...['examples', 'packages'].flatMap((floor) => [
    `  subgraph ${floor}`,
    ...rooms
      .filter((room) => room.floor === floor && room.name !== 'kit')
      .map((room) => `    ${id(room)}[${room.name}]`),
    '  end',
  ]),
  ...arrows
    .map(({ from, to, kind }) => `  ${id(from)} ${kind === 'types' ? '-.->' : '-->'} ${id(to)}`)
    .sort(),
  '```',
];

const file = join(root, 'ARCHITECTURE.md');
const text = readFileSync(file, 'utf8');
const [before, after] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
const drawn = `${text.slice(0, before)}\n${lines.join('\n')}\n${text.slice(after)}`;
if (process.argv.includes('--check')) {
  if (drawn !== text) {
    console.error(
      'ARCHITECTURE.md does not show what the packages import. Draw it again: node scripts/draw-house.mjs',
    );
    process.exitCode = 1;
  }
} else if (drawn !== text) {
  writeFileSync(file, drawn);
}

function id(room) {
  return `${room.floor}_${room.name}`.replaceAll('-', '_');
}

function readManifest(path) {
  try {
    return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  } catch {
    // A folder that is no package, such as what a build left behind.
    return undefined;
  }
}

function sourceFiles(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
