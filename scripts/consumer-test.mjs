// Every package as a stranger meets it: packed, published to a registry on loopback, installed ALONE by the line of its README, with
// npm and with pnpm; the README's examples run as ES modules and as CommonJS and are type-checked under three module resolutions, two
// versions of TypeScript, with and without @types/node, without skipLibCheck.
//   node scripts/consumer-test.mjs [package ...]      such as: dataset augment
// Needs the packages built, and the npm registry. Prints sizes and times; fails on the first thing a stranger would trip over.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { pnpm, publicPackages, registryEnvironment, root, run } from './release/commands.mjs';
import { startRegistry } from './release/local-registry.mjs';

/** Kilobytes that the tarball of a package may have: a guard against what slips in, not a goal. viz carries its fonts. */
const largestTarball = (name) => (name === '@mnist/viz' ? 600 : 300);
const typescripts = [
  '~5.4.5',
  JSON.parse(readFileSync(join(root, 'node_modules/typescript/package.json'), 'utf8')).version,
];

const asked = process.argv.slice(2);
const packages = publicPackages().filter(
  ({ name }) => asked.length === 0 || asked.includes(name.split('/')[1]),
);
const upstream = (await run(['npm', 'config', 'get', 'registry'])).trim().replace(/\/$/, '');
const registry = await startRegistry({ upstream });
const work = mkdtempSync(join(tmpdir(), 'mnist-consumer-'));
const environment = registryEnvironment(registry.url, work);
const rows = [];
let failed = 0;
try {
  await run([...pnpm, '--recursive', 'publish', '--no-git-checks', '--ignore-scripts'], { env: environment });
  const compilers = [];
  for (const version of typescripts) {
    const folder = join(work, `typescript-${compilers.length}`);
    makeProject(folder);
    await run(['npm', 'install', `typescript@${version}`], { cwd: folder, env: environment });
    compilers.push(join(folder, 'node_modules/typescript/bin/tsc'));
  }
  for (const each of packages) {
    try {
      rows.push(await consume(each, compilers));
    } catch (error) {
      failed++;
      console.error(`\n${each.name}: ${error.message}\n`);
    }
  }
} finally {
  await registry.close();
  rmSync(work, { recursive: true, force: true });
}
printTable(
  ['package', 'tarball kB', 'installed MB (npm)', 'npm s', 'pnpm s', 'examples run', 'type checks'],
  rows,
);
console.log(`${rows.length} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function consume({ name, path, manifest }, compilers) {
  const readme = readFileSync(join(path, 'README.md'), 'utf8');
  const line = /^(?: {4}|\$ )?npm (?:install|i) (.+)$/m.exec(readme)?.[1];
  if (!line) throw new Error('its README has no line `npm install ...`');
  const examples = [...readme.matchAll(/^```(js|ts)\n([\s\S]*?)^```$/gm)].map(([, kind, code]) => ({
    kind,
    code,
  }));
  if (!examples.some(({ code }) => code.includes(name)))
    throw new Error('its README has no example that imports it');
  const esmOnly = !JSON.stringify(manifest.exports).includes('.cjs');
  if (esmOnly && !/ES modules? only|ESM only/i.test(readme))
    throw new Error('it is ESM only, and its README does not say so');

  const tarball = registry.packages.get(name).versions[manifest.version].dist.size / 1024;
  if (tarball > largestTarball(name))
    throw new Error(`its tarball has ${tarball.toFixed(0)} kB; at most ${largestTarball(name)} are allowed`);
  const seconds = {};
  let [ran, checked, megabytes] = [0, 0, 0];
  for (const manager of ['npm', 'pnpm']) {
    const folder = join(work, `${name.split('/')[1]}-${manager}`);
    makeProject(folder);
    const started = performance.now();
    const install =
      manager === 'npm' ? ['npm', 'install'] : [...pnpm, 'add', '--store-dir', join(work, 'store')];
    await run([...install, ...line.trim().split(/\s+/)], { cwd: folder, env: environment });
    seconds[manager] = (performance.now() - started) / 1000;
    if (manager === 'npm') megabytes = folderBytes(join(folder, 'node_modules')) / 2 ** 20;
    for (const [i, { kind, code }] of examples.entries()) {
      // A sketch with a part left out is for the eye; it is type-checked by nobody and run by nobody.
      if (/\/\/ \.\.\.|<your|no-run/.test(code)) continue;
      const plain = kind === 'ts' ? transpile(code, ts.ModuleKind.ESNext) : code;
      await runExample(folder, `example-${i}.mjs`, plain);
      ran++;
      if (esmOnly) continue;
      await runExample(folder, `example-${i}.cjs`, transpile(inFunction(code), ts.ModuleKind.CommonJS));
      ran++;
    }
    if (manager === 'npm') checked = await typeCheck(folder, examples, compilers);
  }
  const figure = (value) => value.toFixed(1);
  return [
    name,
    tarball.toFixed(0),
    figure(megabytes),
    figure(seconds.npm),
    figure(seconds.pnpm),
    ran,
    checked,
  ];
}

async function runExample(folder, file, code) {
  writeFileSync(join(folder, file), code);
  await run([process.execPath, file, join(folder, 'out')], {
    cwd: folder,
    env: { HOME: folder, XDG_CACHE_HOME: join(folder, '.cache') },
  });
}

/** Type-checks the examples as written. Errors inside other people's declarations are theirs; ours and the examples' count. */
async function typeCheck(folder, examples, compilers) {
  let checks = 0;
  const files = examples
    .filter(({ code }) => !/\/\/ \.\.\.|<your|no-run/.test(code))
    .map(({ kind, code }, i) => {
      // JavaScript is checked too: an editor does it, and a wrong call shows.
      const file = `check-${i}.${kind === 'ts' ? 'mts' : 'mjs'}`;
      writeFileSync(join(folder, file), `${code}\nexport {};\n`);
      return file;
    });
  for (const types of [[], ['node']]) {
    if (types.length > 0)
      await run(['npm', 'install', '--no-save', '@types/node@20'], { cwd: folder, env: environment });
    for (const [module, moduleResolution] of [
      ['node16', 'node16'],
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const options = {
        module,
        moduleResolution,
        types,
        strict: true,
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.asynciterable'],
        noEmit: true,
      };
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          compilerOptions: { ...options, allowJs: true, skipLibCheck: false },
          files: files.filter((file) => file.endsWith('mts') || types.length > 0),
        }),
      );
      if (types.length === 0 && !files.some((file) => file.endsWith('mts'))) {
        writeFileSync(
          join(folder, 'import.mts'),
          `import * as all from '${nameOf(folder)}';\nexport { all };\n`,
        );
        writeFileSync(
          join(folder, 'tsconfig.json'),
          JSON.stringify({ compilerOptions: { ...options, skipLibCheck: false }, files: ['import.mts'] }),
        );
      }
      for (const compiler of compilers) {
        const output = await run([process.execPath, compiler, '-p', folder, '--pretty', 'false'], {
          cwd: folder,
        }).catch((error) => error.message);
        const ours = output
          .split('\n')
          .filter((text) => /error TS/.test(text) && !/node_modules\/(?!@mnist\/|\.pnpm\/@mnist)/.test(text));
        if (ours.length > 0)
          throw new Error(
            `does not type-check (${module}, types ${JSON.stringify(types)}):\n${ours.join('\n')}`,
          );
        checks++;
      }
    }
  }
  return checks;
}

function nameOf(folder) {
  return `@mnist/${folder.split('/').at(-1).replace(/-npm$/, '')}`;
}

function makeProject(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  );
}

function transpile(code, module) {
  return ts.transpileModule(code, {
    compilerOptions: { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  }).outputText;
}

/** CommonJS has no top-level await: all but the imports goes into a function. */
function inFunction(code) {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const [imports, rest] = [[], []];
  for (const statement of source.statements) {
    (ts.isImportDeclaration(statement) ? imports : rest).push(
      statement.getFullText().replace(/^\s*export (?=const|function|class)/, ''),
    );
  }
  return `${imports.join('')}\n(async () => {${rest.join('')}\n})().catch((error) => { console.error(error); process.exit(1); });\n`;
}

function folderBytes(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function printTable(header, lines) {
  for (const line of [header, header.map(() => '---'), ...lines]) console.log(`| ${line.join(' | ')} |`);
}
