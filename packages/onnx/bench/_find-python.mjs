import { spawnSync } from 'node:child_process';

/** The first Python that has torch: the one asked for, else `python3` or `python` of the path. */
export function findPython(asked) {
  for (const path of asked ? [asked] : ['python3', 'python']) {
    const probe = spawnSync(path, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
    if (probe.status === 0) return { path, torch: probe.stdout.trim() };
    if (asked)
      throw new Error(
        `--python ${asked} has no torch: ${probe.stderr?.trim().split('\n').at(-1) ?? probe.error}`,
      );
  }
  return undefined;
}
