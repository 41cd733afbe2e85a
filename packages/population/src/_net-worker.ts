import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FromWorker, NetTask, ToWorker } from './_worker-messages.js';
import { PopulationError } from './population-error.js';
import type { ProgressReport } from './recipe.js';

export type TrainOutcome =
  | { readonly kind: 'trained'; readonly digest: string; readonly metrics: Readonly<Record<string, number>> }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: PopulationError };

export interface TrainHooks {
  onProgress(progress: ProgressReport): void;
  onLog(message: string): void;
  /** The work folder holds a complete checkpoint and stands still until the promise resolves. */
  onCheckpoint(): Promise<void>;
}

/** Last lines of a process that died, for its error's text. */
const REMEMBERED_LINES = 12;

/** One child process that trains one net at a time. Started on first use, and again after a failure. */
export class NetWorker {
  private child: ChildProcess | undefined;
  private lastLines: string[] = [];
  private onMessage: (message: FromWorker) => void = () => {};
  private onExit: (text: string) => void = () => {};
  private onLine: (line: string) => void = () => {};

  /**
   * @param recipe URL of the recipe module
   * @param stopTimeoutMs a recipe that was told to stop is killed after so long
   */
  constructor(
    private readonly recipe: string,
    private readonly stopTimeoutMs: number,
  ) {}

  /** Never rejects. When `signal` aborts, the recipe is told to stop and the outcome is 'stopped' (or 'trained'). */
  async train(task: NetTask, signal: AbortSignal, hooks: TrainHooks): Promise<TrainOutcome> {
    if (signal.aborted) return { kind: 'stopped' };
    const child = this.child ?? this.start();
    let killTimer: NodeJS.Timeout | undefined;
    const requestStop = () => {
      post(child, { type: 'stop' });
      killTimer = setTimeout(() => child.kill('SIGKILL'), this.stopTimeoutMs);
    };
    signal.addEventListener('abort', requestStop, { once: true });
    this.onLine = hooks.onLog;
    const outcome = await new Promise<TrainOutcome>((resolve) => {
      this.onExit = (text) =>
        resolve(
          signal.aborted
            ? { kind: 'stopped' }
            : { kind: 'failed', error: new PopulationError('WORKER_CRASHED', text) },
        );
      this.onMessage = (message) => {
        if (message.type === 'progress') hooks.onProgress(message.progress);
        else if (message.type === 'log') hooks.onLog(message.message);
        else if (message.type === 'checkpointed') {
          const goOn = () => post(child, { type: 'go-on' });
          hooks.onCheckpoint().then(goOn, goOn);
        } else if (message.type === 'trained') {
          resolve({ kind: 'trained', digest: message.digest, metrics: message.metrics });
        } else if (message.type === 'stopped') {
          // Without an abort of ours somebody sent the process SIGTERM: a crash like any other.
          resolve(
            signal.aborted
              ? { kind: 'stopped' }
              : {
                  kind: 'failed',
                  error: new PopulationError(
                    'WORKER_CRASHED',
                    'The worker process was told to end by SIGTERM.',
                  ),
                },
          );
        } else if (message.type === 'failed') {
          const { code, kind, message: text } = message.error;
          const error = new PopulationError(code, text, { kind });
          if (message.error.stack !== undefined) error.stack = message.error.stack;
          resolve({ kind: 'failed', error });
        }
      };
      post(child, { type: 'train', task });
    });
    clearTimeout(killTimer);
    signal.removeEventListener('abort', requestStop);
    this.onMessage = () => {};
    this.onExit = () => {};
    this.onLine = () => {};
    // Whatever made it fail may have left something behind; a stopped recipe may still be running.
    if (outcome.kind !== 'trained') await this.close();
    return outcome;
  }

  /** Ends the process. A net in training is lost up to its last checkpoint. */
  async close(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  private start(): ChildProcess {
    const entry = fileURLToPath(new URL('./worker-process.js', import.meta.url));
    const child = fork(entry, [this.recipe], {
      // A debugger's port is taken by the parent.
      execArgv: process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    this.lastLines = [];
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lastLines = [...this.lastLines.slice(1 - REMEMBERED_LINES), line];
        this.onLine(line);
      });
    }
    child.on('message', (message) => this.child === child && this.onMessage(message as FromWorker));
    child.on('error', (error) => {
      if (child.pid !== undefined || this.child !== child) return; // 'close' follows.
      this.child = undefined;
      this.onExit(`The worker process cannot be started: ${error.message}`);
    });
    // 'close' comes after the last output, so the text is complete; but a grandchild may keep the pipes open.
    child.on('close', (code, signalName) => this.ended(child, code, signalName));
    child.on('exit', (code, signalName) =>
      setTimeout(() => this.ended(child, code, signalName), 1000).unref(),
    );
    return child;
  }

  private ended(child: ChildProcess, exitCode: number | null, signalName: NodeJS.Signals | null): void {
    if (this.child !== child) return;
    this.child = undefined;
    const how = signalName ? `was ended by ${signalName}` : `ended with exit code ${exitCode}`;
    const output = this.lastLines.length > 0 ? ` Its last lines:\n  ${this.lastLines.join('\n  ')}` : '';
    const hint =
      signalName === 'SIGKILL' ? ' (SIGKILL without a user is often the kernel, out of memory.)' : '';
    this.onExit(`The worker process ${how}.${hint}${output}`);
  }
}

function post(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {}); // A broken pipe shows as 'close'.
}
