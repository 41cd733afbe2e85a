import { readFileSync, rmSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

/**
 * The one build of the house, run in each package's folder as `tsup --config ../../tsup.config.ts`. What is built follows from
 * the package's own package.json: each entry of `exports` is a bundle of `src/<same path>.ts`, as ES module and, where the
 * entry names a `.cjs` file, as CommonJS, with its types; each entry of `bin`, and each file listed under `build.workers`
 * (started by path: worker threads, child processes), is an ES module of its own.
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

const modules = [...new Set(entryNames(manifest.exports, /^\.\/dist\/(.*?)(?<!\.d)\.js$/))];
const commonJs = [...new Set(entryNames(manifest.exports, /^\.\/dist\/(.*?)\.cjs$/))];
const alone = [...entryNames(manifest.bin, /^(?:\.\/)?dist\/(.*?)\.js$/), ...(manifest.build?.workers ?? [])];

// Once, before the builds below run side by side.
rmSync('dist', { recursive: true, force: true });

const shared: Options = {
  outDir: 'dist',
  target: 'node20',
  sourcemap: false,
  // A CommonJS build gets an import.meta.url, by which it finds the files beside it.
  shims: true,
  removeNodeProtocol: false,
  // The kit is private: what a package uses of it becomes part of the package.
  noExternal: ['@mnist/kit'],
  // tsup bundles optional dependencies unless told.
  external: Object.keys(manifest.optionalDependencies ?? {}),
};
const types: Options['dts'] = modules.length > 0 && {
  entry: toEntry(modules),
  resolve: ['@mnist/kit', ...(manifest.build?.inlineTypes ?? [])],
};

// What is only ever an ES module shares its chunks; a package with a CommonJS side builds both sides of its entries at once.
export default defineConfig(
  commonJs.length > 0
    ? [
        { ...shared, entry: toEntry(modules), format: ['esm', 'cjs'], splitting: false, dts: types },
        ...(alone.length > 0 ? [{ ...shared, entry: toEntry(alone), format: ['esm' as const] }] : []),
      ]
    : { ...shared, entry: toEntry([...modules, ...alone]), format: ['esm'], splitting: true, dts: types },
);
