// Ships trained nets in place of those that are there, and draws the README's figures again:
//   pnpm --filter @mnist/pretrained replace-nets FOLDER [options of `example-mnist export`]            the nets of a population
//   pnpm --filter @mnist/pretrained replace-nets --as distilled-double FOLDER [the same options]       the net of a `train`
// Without a folder it draws the figures only. Build the workspace before it and after it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawFigures, singles } from './draw-figures.mjs';

const args = process.argv.slice(2);
const single = args[0] === '--as';
const name = single ? args.splice(0, 2)[1] : undefined;
const [folder, ...options] = args;
if (single && (!singles.includes(name) || folder === undefined)) {
  console.error(`--as ${name}: expected one of ${singles.join(', ')}, and then the folder of a \`train\`.`);
  process.exit(2);
}
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const nets = at('../nets');

if (folder !== undefined) {
  const status = single ? shipAs(name) : exportTo(nets);
  if (status !== 0) process.exit(status);
}
drawFigures();

/** @returns the exit code of `export` */
function exportTo(out) {
  // pnpm runs this in the package's folder; a relative path is one of where the command was typed.
  const trained = resolve(process.env.INIT_CWD ?? '', folder);
  const program = at('../../../examples/mnist/dist/cli.js');
  const args = [program, 'export', trained, out, ...options];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

/** A committee of one: its net and the file that describes it bear its name, beside the nets of the committee. */
function shipAs(name) {
  const staging = mkdtempSync(at('../.nets-'));
  try {
    const status = exportTo(staging);
    if (status !== 0) return status;
    const described = JSON.parse(readFileSync(join(staging, 'committee.json'), 'utf8'));
    if (described.nets.length !== 1)
      throw new Error(`${folder} holds ${described.nets.length} nets; expected one, as \`train\` writes it`);
    const [net] = described.nets;
    rmSync(join(nets, name), { recursive: true, force: true });
    renameSync(join(staging, net.name), join(nets, name));
    net.name = name;
    writeFileSync(join(nets, `${name}.json`), `${JSON.stringify(described, null, 2)}\n`);
    return 0;
  } finally {
    rmSync(staging, { recursive: true });
  }
}
