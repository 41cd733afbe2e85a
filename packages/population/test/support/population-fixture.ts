import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openPopulation } from '@mnist/population';
import { onTestFinished } from 'vitest';

export const recipe = new URL('./logistic-recipe.mjs', import.meta.url).href;

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'population-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface JournalEntry {
  readonly event: 'begin' | 'end';
  readonly index: number;
  readonly step: number;
  readonly pid: number;
}

/** Has the recipe of this process's children note each beginning and end of a training. */
export function useJournal(): { path: string; read(): JournalEntry[] } {
  const path = join(temporaryFolder(), 'journal.jsonl');
  const read = () =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as JournalEntry)
      : [];
  process.env.JOURNAL = path;
  onTestFinished(() => {
    delete process.env.JOURNAL;
  });
  return { path, read };
}

export interface RunnerProcess {
  readonly child: ChildProcess;
  readonly events: Record<string, unknown>[];
  readonly exited: Promise<number | null>;
}

/** trainPopulation in a process of its own, run by another command when given. */
export function startRunner(options: object, command: readonly string[] = []): RunnerProcess {
  return startScript(new URL('./run-population.mjs', import.meta.url), options, command);
}

/** runQueueWorker in a process of its own. */
export function startQueueWorker(options: object): RunnerProcess {
  return startScript(new URL('./run-queue-worker.mjs', import.meta.url), options, []);
}

/** A script of this folder in a process of its own. */
export function startScript(url: URL, options: object, command: readonly string[]): RunnerProcess {
  const [program, ...args] = [...command, process.execPath, fileURLToPath(url), JSON.stringify(options)];
  const child = spawn(program!, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => events.push(JSON.parse(line)));
  const exited = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, events, exited };
}

export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms = 20_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Bytes of every file that must be the same in every repetition, by relative path. */
export async function netContents(folder: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const member of (await openPopulation(folder)).members) {
    for (const file of member.files) {
      if (file !== 'environment.json') {
        contents[`${member.index}/${file}`] = Buffer.from(await member.readBytes(file)).toString('base64');
      }
    }
    contents[`${member.index}/digest`] = member.digest;
  }
  return contents;
}

/** What a finished run must leave empty. */
export function leftovers(folder: string): string[] {
  return ['claims', 'work', 'staging'].flatMap((name) =>
    readdirSync(join(folder, name)).map((entry) => `${name}/${entry}`),
  );
}

/** A recipe module of the given code, in a file that is gone after the test. */
export function recipeModule(code: string): string {
  const path = join(temporaryFolder(), 'recipe.mjs');
  writeFileSync(path, code);
  return pathToFileURL(path).href;
}
