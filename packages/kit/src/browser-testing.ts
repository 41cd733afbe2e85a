import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';

const places = [
  process.env.MNIST_TEST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A Chromium of the system, if there is one. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path));

/** What a test without a browser prints. */
export const noChromium =
  'SKIPPED: no Chromium found; set MNIST_TEST_CHROMIUM to its path to test what runs in a browser.';

/** As Chromium is started: nothing of its own on the network. */
export const chromiumOptions = {
  executablePath: chromiumPath,
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Headless Chromium with a fresh profile; close it when done. */
export const launchChromium = (): Promise<Browser> => chromium.launch(chromiumOptions);

export interface Bundle {
  /** Holds `app.js`, an ES module. */
  readonly folder: string;
  /** Of all its files. */
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Modules of Node that it wants. */
  readonly nodeModules: readonly string[];
}

/**
 * Bundles `code` for a browser, minified.
 *
 * @param resolveFolder where its imports are looked up
 * @param copies files that esbuild does not follow, such as a worker's
 */
export async function bundleForBrowser(
  tool: 'esbuild' | 'vite',
  code: string,
  resolveFolder: string,
  copies: readonly string[] = [],
): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'mnist-browser-'));
  if (tool === 'esbuild') {
    await esbuild({
      stdin: { contents: code, resolveDir: resolveFolder },
      outfile: join(folder, 'app.js'),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      // A module of Node is left in, so that the test can name it.
      external: ['node:*'],
      logLevel: 'silent',
    });
    for (const copy of copies) {
      await writeFile(join(folder, copy.replace(/^.*[\\/]/, '')), await readFile(copy));
    }
  } else {
    const { build } = await import('vite');
    const entry = join(resolveFolder, `.browser-test-${process.pid}.js`);
    await writeFile(entry, code);
    try {
      await build({
        root: resolveFolder,
        configFile: false,
        logLevel: 'silent',
        base: './',
        worker: { format: 'es' },
        build: {
          outDir: folder,
          emptyOutDir: false,
          target: 'es2022',
          minify: true,
          rollupOptions: {
            input: entry,
            preserveEntrySignatures: 'strict',
            output: { entryFileNames: 'app.js' },
          },
        },
      });
    } finally {
      await rm(entry);
    }
  }
  let [bytes, gzipBytes] = [0, 0];
  const nodeModules = new Set<string>();
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) continue;
    const content = await readFile(path);
    bytes += content.length;
    gzipBytes += gzipSync(content).length;
    for (const [, found] of content.toString('latin1').matchAll(/["'`](node:[a-z/_]+)["'`]/g)) {
      nodeModules.add(found!);
    }
  }
  return { folder, bytes, gzipBytes, nodeModules: [...nodeModules] };
}

/** Files that a page may ask for besides its bundle, by their path. */
export type Extra = Readonly<Record<string, Uint8Array>>;

/**
 * Loads a bundle in headless Chromium, from a server of its own on a cross-origin isolated page, with a fresh profile,
 * and calls `visit` with the page, on which `app` is the module.
 *
 * @returns what `visit` returns, and every error of the page and every request that failed
 */
export async function inBrowser<T>(
  bundle: Bundle,
  visit: (page: Page) => Promise<T>,
  extra: Extra = {},
): Promise<{ result: T; errors: string[] }> {
  const types: Record<string, string> = { '.js': 'text/javascript', '.json': 'application/json' };
  const html =
    '<!doctype html><link rel="icon" href="data:,"><script type="module">globalThis.app = await import("./app.js")</script>';
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url!.replace(/\?.*$/, '').slice(1));
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader(
      'Content-Type',
      types[extname(path)] ?? (path === '' ? 'text/html' : 'application/octet-stream'),
    );
    const content =
      path === ''
        ? html
        : (extra[path] ?? (await readFile(join(bundle.folder, path)).catch(() => undefined)));
    if (content === undefined) response.writeHead(404).end();
    else response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const profile = await mkdtemp(join(tmpdir(), 'mnist-chromium-'));
  await mkdir(profile, { recursive: true });
  const context = await chromium.launchPersistentContext(profile, chromiumOptions);
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'app' in globalThis);
    return { result: await visit(page), errors };
  } finally {
    await context.close();
    server.close();
    await rm(profile, { recursive: true, force: true });
    await rm(bundle.folder, { recursive: true, force: true });
  }
}
