import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const windows = process.platform === 'win32';
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The pinned pnpm: through npx, so that nothing global is needed. */
export const pnpm = ['npx', '--yes', packageManager];

/** Runs a command to its end, with `input` on its standard input; rejects with its output when it fails. @returns {Promise<string>} its standard output */
export function run([command, ...args], { cwd = root, env = {}, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      shell: windows,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.end(input);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else
        reject(
          new Error(
            `${command} ${args.join(' ')} (in ${cwd}) ended with code ${code}:\n${out}\n${err}`.trim(),
          ),
        );
    });
  });
}

/** The packages that are published: name, folder, manifest. */
export function publicPackages(base = root) {
  return readdirSync(join(base, 'packages')).flatMap((folder) => {
    const path = join(base, 'packages', folder);
    try {
      const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      return manifest.private ? [] : [{ name: manifest.name, path, manifest }];
    } catch {
      // A folder without a manifest, such as what a build left behind.
      return [];
    }
  });
}

/** What npm and pnpm need to publish to, and install from, a registry on loopback. @param folder an existing one, for their files */
export function registryEnvironment(url, folder) {
  const config = join(folder, 'npmrc');
  const lines = [
    `registry=${url}/`,
    `//${new URL(url).host}/:_authToken=local`,
    'audit=false',
    'fund=false',
    'provenance=false',
  ];
  writeFileSync(
    config,
    `${[...lines, 'update-notifier=false', `cache=${join(folder, 'cache')}`].join('\n')}\n`,
  );
  // An npm that started this script has left its own settings in the environment, where they would win.
  const inherited = Object.keys(process.env).filter((name) => /^npm_config_/i.test(name));
  return { ...Object.fromEntries(inherited.map((name) => [name, undefined])), NPM_CONFIG_USERCONFIG: config };
}
