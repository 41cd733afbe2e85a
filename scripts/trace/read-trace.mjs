import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** What is no file of anybody's. */
const devices = /^(\/dev\/|\/proc\/|\/sys\/|pipe:|socket:|anon_inode:|\/memfd:)/;

/**
 * Reads what `strace -f -y -xx` wrote: strings as hexadecimal, file descriptors with their paths. Calls that failed do not count.
 *
 * @returns {Promise<{ files: Set<string>, lookups: Set<string>, connections: Set<string> }>} paths written, made, renamed or removed; host
 *   names asked of a name server; 'address:port' connected to, beyond this machine
 */
export async function readTrace(path) {
  const [files, lookups, connections] = [new Set(), new Set(), new Set()];
  const touch = (file) => {
    if (!devices.test(file)) files.add(file.replace(/ \(deleted\)$/, ''));
  };
  const lines = await wholeLines(path);
  const folders = foldersOf(lines);
  for (const [at, { id, call, line }] of lines.entries()) {
    if (/^(open|openat|creat)$/.test(call)) {
      // The path of the descriptor that was opened is whole, whatever it was opened by.
      const opened = / = \d+<(.*)>$/.exec(line)?.[1];
      if (opened !== undefined && /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line)) touch(decode(opened));
    } else if (/^(connect|send)/.test(call)) {
      const address = /sa_family=AF_INET6?, .*?inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]*)"/.exec(line)?.[1];
      const port = /sin6?_port=htons\((\d+)\)/.exec(line)?.[1];
      if (call === 'connect' && address !== undefined && port !== '53' && port !== '0') {
        const shown = decode(address);
        if (!/^(127\.|::1|0\.0\.0\.0)/.test(shown)) connections.add(`${shown}:${port}`);
      }
      for (const [, data] of line.matchAll(/"((?:\\x[0-9a-f]{2})+)"/g)) {
        const name = questionOf(bytesOf(data));
        if (name !== undefined) lookups.add(name);
      }
    } else if (!/^(clone|clone3|fork|vfork|chdir)$/.test(call)) {
      const paths = [...line.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:\\x[0-9a-f]{2})*)"/g)].map(
        ([, base, name]) => [base, bytesOf(name).toString()],
      );
      // Of a link, the first is what it points to, which stays as it is.
      for (const [base, name] of /^(sym)?link/.test(call) ? paths.slice(-1) : paths)
        touch(resolve(name.startsWith('/') || base === undefined ? folders(id, at) : decode(base), name));
    }
  }
  return { files, lookups, connections };
}

/** The calls, put together where another thread's came between. */
async function wholeLines(path) {
  const [lines, unfinished] = [[], new Map()];
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const [id] = text.split(' ', 1);
    if (text.endsWith('<unfinished ...>')) {
      unfinished.set(id, text.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const resumed = /^\d+ +<\.\.\. \w+ resumed>/.exec(text);
    const line = resumed ? `${unfinished.get(id) ?? ''}${text.slice(resumed[0].length)}` : text;
    const call = /^\d+ +(\w+)\(/.exec(line)?.[1];
    // A connection that does not wait is under way.
    const failed = / = -1 (?!EINPROGRESS)/.test(line);
    if (call !== undefined && !failed) lines.push({ id, call, line });
  }
  return lines;
}

/**
 * The working folder of a thread at a line: what AT_FDCWD was in its last call that names it, else that of the thread that made it.
 *
 * @returns {(id: string, at: number) => string}
 */
function foldersOf(lines) {
  const [known, parents] = [new Map(), new Map()];
  for (const [at, { id, call, line }] of lines.entries()) {
    const named = /AT_FDCWD<([^>]*)>/.exec(line)?.[1] ?? (call === 'chdir' && /"([^"]*)"/.exec(line)?.[1]);
    if (named) {
      const own = known.get(id) ?? [];
      known.set(id, own);
      own.push({ at, folder: resolve(own.at(-1)?.folder ?? '/', decode(named)) });
    }
    const child = /^(clone|clone3|fork|vfork)$/.test(call) && / = (\d+)/.exec(line)?.[1];
    if (child) parents.set(child, id);
  }
  return (id, at) => {
    for (let each = id; each !== undefined; each = parents.get(each)) {
      const own = known.get(each);
      if (own) return (own.findLast((entry) => entry.at <= at) ?? own[0]).folder;
    }
    throw new Error(`the working folder of process ${id} is not known`);
  };
}

const bytesOf = (hexadecimal) => Buffer.from(hexadecimal.replaceAll('\\x', ''), 'hex');
const decode = (text) => (text.startsWith('\\x') ? bytesOf(text).toString() : text);

/** The name that a DNS query asks for (RFC 1035, 4.1): a header of 12 bytes with one question and no answer, then labels. */
function questionOf(packet) {
  if (
    packet.length < 17 ||
    (packet[2] & 0xf8) !== 0 ||
    packet.readUInt16BE(4) !== 1 ||
    packet.readUInt16BE(6) !== 0
  )
    return undefined;
  const labels = [];
  for (let at = 12; at < packet.length; ) {
    const length = packet[at];
    if (length === 0) return labels.length > 0 ? labels.join('.') : undefined;
    if (length > 63) return undefined;
    const label = packet.toString('latin1', at + 1, at + 1 + length);
    if (!/^[\w-]+$/.test(label)) return undefined;
    labels.push(label);
    at += 1 + length;
  }
  return undefined;
}
