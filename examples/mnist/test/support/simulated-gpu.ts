import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A process that computes on a card. */
export interface CardUse {
  readonly program: string;
  readonly pid: number;
  readonly card: string;
}

type Message = ({ readonly type: 'take' } & CardUse) | { readonly type: 'give' };

/** GPUs that are servers of this test: it sees in one order who computes on which card, and says who may begin. */
export interface SimulatedGpus {
  /** Processes in the order in which they came to a card. */
  readonly uses: readonly CardUse[];
  /** Most processes that one card had at a time. */
  mostAtOnce(): number;
  /** Processes that wait in line for cards. */
  waiting(): Promise<number>;
  /** Lets the process that came as the nth (from 0) compute, and all before it. */
  letThrough(count: number): void;
  /** The environment of a program on this machine. */
  environment(program: string): Record<string, string | undefined>;
}

const hook = `--import=${new URL('./simulate-gpu.mjs', import.meta.url)}`;

/** @param folder of the test; claims of devices lie in a new folder there, so that no other test waits for these cards */
export async function simulateGpus(folder: string, cards: number): Promise<SimulatedGpus> {
  const temporary = await mkdtemp(join(folder, 'machine-'));
  const tools = join(temporary, 'bin');
  await mkdir(tools);
  const list = Array.from({ length: cards }, (_, i) => `${i}, Simulated, 8192 MiB, 550.54.14`).join('\\n');
  await writeFile(join(tools, 'nvidia-smi'), `#!/bin/sh\nprintf '${list}\\n'\n`, { mode: 0o755 });

  const uses: CardUse[] = [];
  const gates: (() => void)[] = [];
  let passing = 0;
  let most = 0;
  const sessions = new Map<Socket, CardUse>();
  const serve = async (socket: Socket, message: Message) => {
    if (message.type === 'give') sessions.delete(socket);
    else {
      // The ends of other processes that this one waited for may arrive in the same turn of the event loop, behind it.
      await nextTurn();
      await nextTurn();
      if (socket.destroyed) return;
      sessions.set(socket, message);
      const same = [...sessions.values()].filter(({ card }) => card === message.card);
      most = Math.max(most, new Set(same.map(({ pid }) => pid)).size);
      if (!uses.some(({ pid }) => pid === message.pid)) {
        const place = uses.push(message) - 1;
        await new Promise<void>((pass) => {
          gates[place] = pass;
          if (place < passing) pass();
        });
      }
    }
    socket.write('\n');
  };
  const server = createServer((socket) => {
    const left = () => sessions.delete(socket);
    for (const event of ['end', 'error', 'close']) socket.on(event, left);
    createInterface({ input: socket }).on('line', (line) => void serve(socket, JSON.parse(line) as Message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };

  return {
    uses,
    mostAtOnce: () => most,
    async waiting() {
      const names = await readdir(temporary, { recursive: true });
      return names.filter((name) => /[/\\]line-\w+[/\\]\d+\.\d+\.json$/.test(name)).length;
    },
    letThrough(count) {
      passing = Math.max(passing, count);
      for (const pass of gates.slice(0, passing)) pass();
    },
    environment: (program) => ({
      TMPDIR: temporary,
      PATH: `${tools}:${process.env.PATH}`,
      CUDA_VISIBLE_DEVICES: undefined,
      NODE_OPTIONS: hook,
      SIMULATED_GPU_PORT: String(port),
      SIMULATED_GPU_PROGRAM: program,
    }),
  };
}
