import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** One way to compute, as the addon reports it. */
export interface NativePath {
  /** 'amx', 'avx512', 'avx2', 'plain', ... */
  readonly name: string;
  readonly precision: 'f32' | 'bf16';
  /** Whether this processor has it. */
  readonly available: boolean;
  /** Why not. */
  readonly reason?: string;
}

/** A compiled training in the addon; see `crate/src/node.rs`. Calls run in their order on a thread of the session's own. */
export interface NativeSession {
  /** 'plain f32 avx2' */
  readonly path: string;
  step(
    images: Float32Array,
    targets: Float32Array,
    learningRate: number,
    momentum: number,
    weightDecay: number,
    step: number,
  ): Promise<number>;
  predict(images: Float32Array): Promise<Float32Array>;
  /** Slot 0: parameters and statistics; 1 and 2: the optimiser's. */
  read(slot: number): Promise<Float32Array>;
  write(slot: number, values: Float32Array): Promise<void>;
  close(): Promise<void>;
}

export interface Addon {
  /** Version of the interface between this package and the addon. */
  interfaceVersion(): number;
  paths(): NativePath[];
  readonly NativeSession: new (
    spec: string,
    options: { readonly precision: string; readonly path?: string; readonly threads: number },
  ) => NativeSession;
}

/** The version that this package speaks; `crate/src/node.rs` has the same. */
const INTERFACE_VERSION = 2;

export type LoadedAddon =
  | { readonly addon: Addon; readonly source: string }
  | { readonly addon?: undefined; readonly reason: string; readonly remedy: string };

let loaded: LoadedAddon | undefined;

/** The addon built in this checkout, else that of the installed platform package; or why there is none. Never throws. */
export function loadAddon(): LoadedAddon {
  loaded ??= load();
  return loaded;
}

function load(): LoadedAddon {
  const target = platformTarget();
  const local = fileURLToPath(new URL('../addon/mnist-native.node', import.meta.url));
  const packaged = `@mnist/native-${target}`;
  const load = createRequire(import.meta.url);
  const failures: string[] = [];
  for (const [source, path] of [
    ['built here', local],
    [packaged, packaged],
  ] as const) {
    try {
      const addon = load(path) as Addon;
      const version = addon.interfaceVersion?.();
      if (version === INTERFACE_VERSION) return { addon, source };
      failures.push(
        `${source}: it speaks version ${version} of the interface, this package ${INTERFACE_VERSION}`,
      );
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'MODULE_NOT_FOUND') failures.push(`${source}: ${message.split('\n')[0]}`);
    }
  }
  const obstacle = whyNotBuilt();
  return {
    reason:
      failures.length > 0
        ? `the native addon does not load (${failures.join('; ')})`
        : `the native addon is not built here${obstacle}, and its package for ${target} is not installed`,
    remedy: `in a checkout: install Rust (https://rustup.rs) and build again; as a package: npm install ${packaged}`,
  };
}

/** What the build noted where it gave up. */
function whyNotBuilt(): string {
  try {
    return ` (${readFileSync(new URL('../addon/not-built-because', import.meta.url), 'utf8').trim()})`;
  } catch {
    return '';
  }
}

/** As napi-rs names platforms: 'linux-x64-gnu', 'darwin-arm64', 'win32-x64-msvc'. */
export function platformTarget(): string {
  const { platform, arch } = process;
  if (platform === 'win32') return `${platform}-${arch}-msvc`;
  if (platform !== 'linux') return `${platform}-${arch}`;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return `${platform}-${arch}-${report.header?.glibcVersionRuntime ? 'gnu' : 'musl'}`;
}
