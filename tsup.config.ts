import { existsSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

/**
 * The one build of the house, run in each package's folder as `tsup --config ../../tsup.config.ts`. What is built follows from
 * the package's own package.json: each entry of `exports` is a bundle of `src/<same path>.ts`, as ES module and, where the
 * entry names a `.cjs` file, as CommonJS, with its types; each entry of `bin`, and each file listed under `build.workers`
 * (started by path: worker threads, child processes), is an ES module of its own. An entry `x.browser` is `src/x.ts` for
 * browsers: a file `y.browser.ts` beside `y.ts` takes its place.
 */
interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly build?: {
    /** Paths below `src`, without `.ts`. */
    readonly workers?: readonly string[];
    /** Packages of the house whose types are copied into ours, so that a user need not install them. */
    readonly inlineTypes?: readonly string[];
  };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** dist/x/y.js -> x/y, of every string in the tree of conditions that ends so. */
function entryNames(conditions: unknown, pattern: RegExp): string[] {
  if (typeof conditions === 'string') {
    const name = pattern.exec(conditions)?.[1];
    return name === undefined ? [] : [name];
  }
  return Object.values((conditions as object | undefined) ?? {}).flatMap((inner) =>
    entryNames(inner, pattern),
  );
}

const toEntry = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));

const names = [...new Set(entryNames(manifest.exports, /^\.\/dist\/(.*?)(?<!\.d)\.js$/))];
const isForBrowsers = (name: string) => name.endsWith('.browser');
const modules = names.filter((name) => !isForBrowsers(name));
const commonJs = [...new Set(entryNames(manifest.exports, /^\.\/dist\/(.*?)\.cjs$/))];
const workers = manifest.build?.workers ?? [];
const alone = [
  ...entryNames(manifest.bin, /^(?:\.\/)?dist\/(.*?)\.js$/),
  ...workers.filter((name) => !isForBrowsers(name)),
];
const browser = [...names, ...workers].filter(isForBrowsers);

// Once, before the builds below run side by side.
rmSync('dist', { recursive: true, force: true });

/** What is inlined of others may import `module`; we publish `node:module`. */
const nodePrefix: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'node-prefix',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${builtinModules.join('|')})$`) }, ({ path }) => ({
      path: `node:${path}`,
      external: true,
    }));
  },
};

const shared: Options = {
  outDir: 'dist',
  target: 'node20',
  sourcemap: false,
  // A CommonJS build gets an import.meta.url, by which it finds the files beside it.
  shims: true,
  removeNodeProtocol: false,
  esbuildPlugins: [nodePrefix],
  // The kit is private: what a package uses of it becomes part of the package.
  noExternal: ['@mnist/kit'],
  // tsup bundles optional dependencies unless told.
  external: Object.keys(manifest.optionalDependencies ?? {}),
};
const types: Options['dts'] = modules.length > 0 && {
  entry: toEntry(modules),
  resolve: ['@mnist/kit', ...(manifest.build?.inlineTypes ?? [])],
};

const browserVariants: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'browser-variants',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, resolveDir }) => {
      const variant = resolve(resolveDir, path.replace(/\.js$/, '.browser.ts'));
      return existsSync(variant) ? { path: variant } : undefined;
    });
  },
};
const browserBuild = (names: readonly string[]): Options => ({
  ...shared,
  entry: Object.fromEntries(names.map((name) => [name, `src/${name.replace(/\.browser$/, '')}.ts`])),
  format: ['esm'],
  platform: 'browser',
  target: 'es2022',
  shims: false,
  splitting: false,
  esbuildPlugins: [browserVariants],
});
const forBrowsers: Options[] =
  browser.length === 0
    ? []
    : [
        browserBuild(browser.filter((name) => !workers.includes(name))),
        // A worker is fetched as it lies there: it brings along what it needs.
        ...workers.filter(isForBrowsers).map((name) => ({ ...browserBuild([name]), noExternal: [/.*/] })),
      ];

// What is only ever an ES module shares its chunks; a package with a CommonJS side builds both sides of its entries at once.
export default defineConfig(
  commonJs.length > 0
    ? [
        { ...shared, entry: toEntry(modules), format: ['esm', 'cjs'], splitting: false, dts: types },
        ...(alone.length > 0 ? [{ ...shared, entry: toEntry(alone), format: ['esm' as const] }] : []),
        ...forBrowsers,
      ]
    : [
        { ...shared, entry: toEntry([...modules, ...alone]), format: ['esm'], splitting: true, dts: types },
        ...forBrowsers,
      ],
);
