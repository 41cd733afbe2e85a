import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../release/commands.mjs';

const versions = [
  '~5.4.5',
  JSON.parse(readFileSync(join(root, 'node_modules/typescript/package.json'), 'utf8')).version,
];
const resolutions = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
];

/** Installs the two compilers, each in a folder of its own. @returns the paths of their `tsc` */
export async function installCompilers(makeProject, environment) {
  const compilers = [];
  for (const [i, version] of versions.entries()) {
    const folder = makeProject(`typescript-${i}`);
    await run(['npm', 'install', `typescript@${version}`], { cwd: folder, env: environment });
    compilers.push(join(folder, 'node_modules/typescript/bin/tsc'));
  }
  return compilers;
}

/**
 * Type-checks the examples as written, and every entry of the package, without skipLibCheck: with and without @types/node, under three
 * resolutions, by each compiler. Errors inside other people's declarations are theirs; ours and the examples' count.
 *
 * @returns how many checks were made
 */
export async function typeCheck({ folder, name, exports, examples, compilers, environment }) {
  const files = examples
    .filter(({ runs }) => runs)
    .map(({ code }, i) => {
      // JavaScript too, as TypeScript: a strict user pastes it there.
      writeFileSync(join(folder, `check-${i}.mts`), `${code}\nexport {};\n`);
      return { file: `check-${i}.mts`, usesNode: /'node:|\bprocess\.|\bBuffer\b/.test(code) };
    });
  // A pattern names files, such as weights.
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json' && !entry.includes('*'));
  const importAll = entries
    .map((entry, i) => `export * as all${i} from '${name}${entry.slice(1)}';\n`)
    .join('');
  for (const extension of ['mts', 'cts']) writeFileSync(join(folder, `import-all.${extension}`), importAll);

  const hasCommonJs = JSON.stringify(exports).includes('"require":');
  let checks = 0;
  for (const types of [[], ['node']]) {
    if (types.length > 0)
      await run(['npm', 'install', '--no-save', '@types/node@20'], { cwd: folder, env: environment });
    for (const [module, moduleResolution] of resolutions) {
      const compilerOptions = {
        module,
        moduleResolution,
        types,
        strict: true,
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.asynciterable'],
        noEmit: true,
        skipLibCheck: false,
      };
      const checked = [
        'import-all.mts',
        // A bundler has no CommonJS of its own, and a package of ES modules alone none to check.
        ...(moduleResolution === 'bundler' || !hasCommonJs ? [] : ['import-all.cts']),
        // Examples of Node use what @types/node declares.
        ...files.filter(({ usesNode }) => types.length > 0 || !usesNode).map(({ file }) => file),
      ];
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: checked }));
      for (const compiler of compilers) {
        const output = await run([process.execPath, compiler, '-p', folder, '--pretty', 'false'], {
          cwd: folder,
        }).catch((error) => error.message);
        const ours = output
          .split('\n')
          .filter((text) => /error TS/.test(text) && !/node_modules\/(?!@mnist\/|\.pnpm\/@mnist)/.test(text));
        if (ours.length > 0)
          throw new Error(
            `does not type-check (${compiler}, ${module}, types ${JSON.stringify(types)}):\n${ours.join('\n')}`,
          );
        checks++;
      }
    }
  }
  return checks;
}
