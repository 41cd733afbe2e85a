import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { refuseForeignFolder } from '../src/nets/refuse-foreign-folder.js';

async function folderWith(...files: string[]): Promise<string> {
  const above = await mkdtemp(join(tmpdir(), 'foreign-'));
  onTestFinished(() => rm(above, { recursive: true, force: true }));
  const folder = join(above, 'nets', 'here');
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), '{}');
  }
  return folder;
}

it.each([
  ['training.json', /holds a training/],
  ['manifest.json', /holds a population/],
  ['population/manifest.json', /holds a run/],
  ['committee.json', /holds an exported committee/],
  ['model.json', /holds a net/],
  // A net of a population, and the folder of its nets.
  ['../../manifest.json', /lies in the population/],
  ['../manifest.json', /lies in the population/],
])('a folder with %s belongs to somebody', async (file, message) => {
  await expect(refuseForeignFolder(await folderWith(file), [])).rejects.toThrow(message);
});

it("an empty folder, one that is not there, and the command's own are free", async () => {
  await refuseForeignFolder(await folderWith(), []);
  await refuseForeignFolder(join(await folderWith(), 'not', 'there'), []);
  await refuseForeignFolder(await folderWith('training.json', 'model.json'), ['training.json']);
});
