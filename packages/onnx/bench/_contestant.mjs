import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Starts the processes of one contestant and waits until they have compiled and taken their first steps.
 * A peer answers each line 'run N' with a line of JSON: { milliseconds: [...], peakBytes, batchSize }.
 */
export async function startContestant(peer, { net, threads, processes, batches, python }) {
  const script = fileURLToPath(new URL(peer.script, import.meta.url));
  const command = peer.kind === 'python' ? python : process.execPath;
  const args = [
    script,
    net,
    String(threads),
    batches.file,
    String(batches.count),
    String(batches.batchSize),
    ...peer.args,
  ];
  const children = Array.from({ length: processes }, () => new Child(command, args));
  const first = await Promise.all(children.map((child) => child.answer()));
  if (first.some((answer) => answer.missing)) {
    for (const child of children) child.stop();
    return { missing: first[0].missing };
  }
  const answers = children.map(() => []);
  return {
    async run(steps) {
      const round = await Promise.all(children.map((child) => child.ask(`run ${steps}`)));
      for (const [index, answer] of round.entries()) answers[index].push(answer);
    },
    result() {
      const medians = answers.map((rounds) => median(rounds.flatMap((round) => round.milliseconds)));
      const { batchSize } = answers[0][0];
      return {
        name: peer.name,
        millisecondsPerStep: medians,
        roundMedians: answers.map((rounds) => rounds.map((round) => median(round.milliseconds))),
        imagesPerSecond: medians.reduce((sum, value) => sum + (batchSize * 1000) / value, 0),
        batchSize,
        peakBytes: answers.reduce((sum, rounds) => sum + rounds.at(-1).peakBytes, 0),
      };
    },
    stop() {
      for (const child of children) child.stop();
    },
  };
}

class Child {
  #lines = [];
  #waiting = [];

  constructor(command, args) {
    // Huge pages for PyTorch's tensors, which gain it a little.
    const env = { ...process.env, THP_MEM_ALLOC_ENABLE: '1' };
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    let errors = '';
    this.process.stderr.on('data', (text) => {
      errors += text;
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      // TensorFlow.js greets on the standard output.
      if (line.startsWith('{')) this.#deliver(JSON.parse(line));
    });
    this.process.on('close', (code) => {
      const lines = errors.trim().split('\n');
      const reason = lines.findLast((line) => line.includes('Error')) ?? lines.at(-1);
      if (code) this.#deliver({ missing: `it ended with code ${code}: ${reason}` });
    });
  }

  ask(line) {
    this.process.stdin.write(`${line}\n`);
    return this.answer();
  }

  answer() {
    const line = this.#lines.shift();
    return line ? Promise.resolve(line) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  stop() {
    this.process.kill();
  }

  #deliver(answer) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(answer);
    else this.#lines.push(answer);
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
