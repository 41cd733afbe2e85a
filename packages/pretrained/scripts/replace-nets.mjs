// Ships the nets of a population in place of those that are there, and draws the README's figures again:
//   pnpm --filter @mnist/pretrained replace-nets FOLDER [options of `example-mnist export`]
// Without a folder it draws the figures only. Build the workspace before it and after it.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawFigures } from './draw-figures.mjs';

const [folder, ...options] = process.argv.slice(2);
if (folder !== undefined) {
  const at = (path) => fileURLToPath(new URL(path, import.meta.url));
  // pnpm runs this in the package's folder; a relative path is one of where the command was typed.
  const population = resolve(process.env.INIT_CWD ?? '', folder);
  const program = at('../../../examples/mnist/dist/cli.js');
  const { status } = spawnSync(process.execPath, [program, 'export', population, at('../nets'), ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
drawFigures();
