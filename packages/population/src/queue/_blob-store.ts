import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { parseJson } from '../_read-json-file.js';
import { PopulationError } from '../population-error.js';
import { isFull, isWrongType } from './_queue-errors.js';
import {
  type BlobReference,
  blobSchema,
  CANCELLED,
  CHUNK_BYTES,
  COLLECTED,
  chunkKeys,
  keysOf,
  LARGEST_BLOB_BYTES,
  LONGEST_REFERENCE,
  POPULATION_LEASE,
  WANTED,
} from './_queue-messages.js';

/** Blobs that nobody refers to yet vanish after so long, seconds. */
const UPLOAD_LEASE = 3600;

// Scripts may run twice: a command whose answer was lost with the connection is sent again. None of them looks into a
// value: what is stored there may come from anybody, and a script that loops over it would stop the whole server.
const READ_FIELDS = `
local found = {}
for i, field in ipairs(ARGV) do
  if redis.call('HSTRLEN', KEYS[1], field) > ${LONGEST_REFERENCE} then found[i] = ''
  else found[i] = redis.call('HGET', KEYS[1], field) end
end
return found`;
const ACCEPT_RESULT = `
local blob = {unpack(KEYS, 3)}
if redis.call('GET', KEYS[2]) == '${CANCELLED}' then redis.call('DEL', unpack(blob)) return 0 end
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held == ARGV[2] then return 1 end
if held then redis.call('DEL', unpack(blob)) return 0 end
if redis.call('EXISTS', unpack(blob)) ~= #blob then return -1 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
for _, key in ipairs(blob) do redis.call('EXPIRE', key, ARGV[3]) end
return 1`;
/** ARGV[4]: the reference that the caller has read and wants to replace, '' for none. */
const REPLACE_CHECKPOINT = `
local blob = {unpack(KEYS, 3)}
if redis.call('GET', KEYS[2]) == '${CANCELLED}' then redis.call('DEL', unpack(blob)) return 0 end
local held = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if held == ARGV[2] then return 1 end
if held ~= ARGV[4] then return -2 end
if redis.call('EXISTS', unpack(blob)) ~= #blob then return -1 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
for _, key in ipairs(blob) do redis.call('EXPIRE', key, ARGV[3]) end
return 1`;
const WANT = `
if redis.call('GET', KEYS[1]) == '${CANCELLED}' and ARGV[2] == '' then return 0 end
redis.call('SET', KEYS[1], '${WANTED}', 'EX', ARGV[1])
return 1`;

/** What a worker needs to know about a net before, and while, it trains it. */
export type Standing = 'open' | 'arrived' | 'unwanted' | 'cancelled';

/** A result that waits to be collected: where it is, or why its entry makes no sense. */
export type WaitingResult = BlobReference | PopulationError;

/** Results and checkpoints of one population in Redis. Whatever is read there is bounded and checked. */
export class BlobStore {
  private readonly keys: ReturnType<typeof keysOf>;
  private readonly results: string;
  private readonly checkpoints: string;

  constructor(
    private readonly redis: Redis,
    private readonly queueName: string,
    private readonly population: string,
  ) {
    this.keys = keysOf(queueName);
    this.results = this.keys.results(population);
    this.checkpoints = this.keys.checkpoints(population);
  }

  /** Whether anybody needs the net trained. */
  async standing(index: number): Promise<Standing> {
    const wanted = await this.repaired(this.keys.wanted(this.population), (key) => this.redis.get(key));
    if (wanted === CANCELLED) return 'cancelled';
    const arrived = await this.repaired(this.results, (key) => this.redis.hexists(key, String(index)));
    if (arrived === 1) return 'arrived';
    return wanted === null ? 'unwanted' : 'open';
  }

  /**
   * Says that somebody waits for the population. False when it was cancelled meanwhile.
   * @param anew the caller begins: what was cancelled before is wanted again
   */
  async want(anew: boolean): Promise<boolean> {
    const key = this.keys.wanted(this.population);
    const answer = await this.repaired(key, () =>
      this.redis.eval(WANT, 1, key, POPULATION_LEASE, anew ? 'anew' : ''),
    );
    for (const hash of [this.results, this.checkpoints]) await this.redis.expire(hash, POPULATION_LEASE);
    return answer === 1;
  }

  /** Nobody waits any more; whoever trains a net of it stops. */
  async cancel(): Promise<void> {
    await this.redis.set(this.keys.wanted(this.population), CANCELLED, 'EX', POPULATION_LEASE);
  }

  /** Offers a result. False when the net has arrived already, or nobody wants it: this copy is thrown away. */
  async offerResult(index: number, data: Buffer, worker: string): Promise<boolean> {
    for (;;) {
      const reference = await this.upload(data, worker, 0);
      const keys = [this.results, this.keys.wanted(this.population), ...this.chunksOf(reference)];
      const answer = await this.repaired(this.results, () =>
        this.redis.eval(
          ACCEPT_RESULT,
          keys.length,
          ...keys,
          index,
          JSON.stringify(reference),
          POPULATION_LEASE,
        ),
      ).catch((error) => this.giveBack(reference, error));
      if (answer !== -1) return answer === 1;
      // Redis has lost a chunk (restarted without persistence): send it again.
    }
  }

  /** Whether Redis could take so many bytes if it held nothing else. True when it does not tell. */
  async hasRoomAtAll(bytes: number): Promise<boolean> {
    const info = await this.redis.info('memory').catch(() => '');
    const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
    const most = figure('maxmemory');
    return most === 0 || bytes + figure('used_memory_startup') < most;
  }

  /** The nets of `indices` that have a result waiting. */
  async waitingResults(indices: readonly number[]): Promise<Map<number, WaitingResult>> {
    const found = await this.readFields(this.results, indices);
    return new Map(
      found.flatMap((text, i) =>
        text === null || text === COLLECTED ? [] : [[indices[i]!, parseReference(text)] as const],
      ),
    );
  }

  /** Says that the result is safe elsewhere. What arrives later is ignored. */
  async markCollected(index: number, reference: BlobReference): Promise<void> {
    // Deleting works in a full Redis too, and makes room for what follows.
    await this.redis.del(...this.chunksOf(reference));
    await this.dropCheckpoint(index);
    try {
      await this.redis.hset(this.results, String(index), COLLECTED);
    } catch (error) {
      // The old entry keeps the place as well.
      if (!isFull(error)) throw error;
    }
  }

  /** The net is wanted again: it was set aside, or its result was damaged. */
  async forgetResult(index: number, result?: WaitingResult): Promise<void> {
    await this.repaired(this.results, (key) => this.redis.hdel(key, String(index)));
    if (result !== undefined && !(result instanceof PopulationError)) {
      await this.redis.del(...this.chunksOf(result));
    }
  }

  /** A checkpoint that is behind the one in store is thrown away: it comes from a worker that was cut off. */
  async saveCheckpoint(index: number, data: Buffer, worker: string, step: number): Promise<boolean> {
    const reference = await this.upload(data, worker, step);
    const chunks = this.chunksOf(reference);
    const text = JSON.stringify(reference);
    for (;;) {
      const [held] = await this.readFields(this.checkpoints, [index]);
      // An entry that makes no sense is one to replace.
      const old = typeof held === 'string' ? parseReference(held) : undefined;
      const known = old instanceof PopulationError ? undefined : old;
      if (known !== undefined && known.id !== reference.id && known.step > step) {
        await this.redis.del(...chunks);
        return false;
      }
      // The oversized is not read, so it cannot be compared either.
      if (held === '') await this.redis.hdel(this.checkpoints, String(index));
      const answer = await this.redis
        .eval(
          REPLACE_CHECKPOINT,
          2 + chunks.length,
          this.checkpoints,
          this.keys.wanted(this.population),
          ...chunks,
          index,
          text,
          POPULATION_LEASE,
          held ?? '',
        )
        .catch((error) => this.giveBack(reference, error));
      if (answer === -2) continue; // Another worker was faster: look again.
      if (answer === 1 && known !== undefined && known.id !== reference.id) {
        await this.redis.del(...this.chunksOf(known));
      }
      return answer === 1;
    }
  }

  /** Undefined when there is none, when it has vanished meanwhile, or when it makes no sense. */
  async loadCheckpoint(index: number): Promise<{ data: Buffer; step: number } | undefined> {
    const [text] = await this.readFields(this.checkpoints, [index]);
    if (typeof text !== 'string') return undefined;
    const reference = parseReference(text);
    try {
      if (reference instanceof PopulationError) throw reference;
      return { data: await this.download(reference), step: reference.step };
    } catch (error) {
      if (!(error instanceof PopulationError)) throw error;
      await this.dropCheckpoint(index);
      return undefined; // Begin anew.
    }
  }

  async dropCheckpoint(index: number): Promise<void> {
    const [text] = await this.readFields(this.checkpoints, [index]);
    if (typeof text !== 'string') return;
    await this.redis.hdel(this.checkpoints, String(index));
    const reference = parseReference(text);
    if (!(reference instanceof PopulationError)) await this.redis.del(...this.chunksOf(reference));
  }

  /** Removes all results and checkpoints. Blobs that nobody refers to vanish by themselves. */
  async dropAll(
    indices: readonly number[],
  ): Promise<{ readonly results: number; readonly checkpoints: number }> {
    const removed = { results: 0, checkpoints: 0 };
    for (let at = 0; at < indices.length; at += 1000) {
      const part = indices.slice(at, at + 1000);
      for (const [kind, key] of [
        ['results', this.results],
        ['checkpoints', this.checkpoints],
      ] as const) {
        for (const text of await this.readFields(key, part)) {
          if (text === null || text === COLLECTED) continue;
          removed[kind] += 1;
          const reference = parseReference(text);
          if (!(reference instanceof PopulationError)) await this.redis.del(...this.chunksOf(reference));
        }
      }
    }
    await this.redis.del(this.results, this.checkpoints);
    return removed;
  }

  /** @throws PopulationError `QUEUE_DATA_DAMAGED` */
  async download(reference: BlobReference): Promise<Buffer> {
    const keys = this.chunksOf(reference);
    // Nothing is fetched that is not as large as announced.
    for (const [i, key] of keys.entries()) {
      const expected = Math.min(CHUNK_BYTES, reference.bytes - i * CHUNK_BYTES);
      const found = await this.redis.strlen(key).catch((error) => {
        if (!isWrongType(error)) throw error;
        return -1;
      });
      if (found === 0 && expected > 0) throw damaged(reference, `chunk ${i + 1} of ${keys.length} is gone`);
      if (found !== expected)
        throw damaged(reference, `chunk ${i + 1} has ${found} bytes instead of ${expected}`);
    }
    const chunks: Buffer[] = [];
    for (const key of keys) chunks.push((await this.redis.getBuffer(key)) ?? Buffer.alloc(0));
    const data = Buffer.concat(chunks);
    const found = createHash('sha256').update(data).digest('hex');
    if (data.length !== reference.bytes || found !== reference.sha256) {
      throw damaged(reference, `found ${data.length} bytes with SHA-256 ${found.slice(0, 12)}...`);
    }
    return data;
  }

  private async upload(data: Buffer, worker: string, step: number): Promise<BlobReference> {
    if (data.length > LARGEST_BLOB_BYTES) {
      throw new PopulationError(
        'QUEUE_TOO_SMALL',
        `${data.length} bytes are to travel through the queue, which takes ${LARGEST_BLOB_BYTES} at once. Publish less, ` +
          'or train on one machine (trainPopulation).',
      );
    }
    const reference: BlobReference = {
      id: randomUUID(),
      chunks: Math.max(1, Math.ceil(data.length / CHUNK_BYTES)),
      bytes: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
      step,
      worker: worker.slice(0, 200),
    };
    try {
      for (const [i, key] of this.chunksOf(reference).entries()) {
        await this.redis.set(key, data.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES), 'EX', UPLOAD_LEASE);
      }
    } catch (error) {
      await this.giveBack(reference, error);
    }
    return reference;
  }

  /** What was sent in vain must not fill a full Redis up for an hour. */
  private async giveBack(reference: BlobReference, error: unknown): Promise<never> {
    await this.redis.del(...this.chunksOf(reference)).catch(() => {});
    throw error;
  }

  /** Each null when absent, '' when too long to be a reference. */
  private async readFields(key: string, fields: readonly number[]): Promise<(string | null)[]> {
    const found: (string | null)[] = [];
    // Lua hands over a few thousand arguments at most.
    for (let at = 0; at < fields.length; at += 1000) {
      const part = fields.slice(at, at + 1000);
      found.push(
        ...((await this.repaired(key, () => this.redis.eval(READ_FIELDS, 1, key, ...part))) as (
          | string
          | null
        )[]),
      );
    }
    return found;
  }

  /** A key of ours that holds something else is removed: nothing of ours is lost with it. */
  private async repaired<T>(key: string, run: (key: string) => Promise<T>): Promise<T> {
    try {
      return await run(key);
    } catch (error) {
      if (!isWrongType(error)) throw error;
      await this.redis.del(key);
      return await run(key);
    }
  }

  private chunksOf(reference: BlobReference): string[] {
    return chunkKeys(this.queueName, reference);
  }
}

function parseReference(text: string): WaitingResult {
  try {
    return parseJson(text, blobSchema);
  } catch (error) {
    return new PopulationError('QUEUE_DATA_DAMAGED', `A reference in Redis ${(error as Error).message}.`);
  }
}

function damaged(reference: BlobReference, why: string): PopulationError {
  return new PopulationError(
    'QUEUE_DATA_DAMAGED',
    `The ${reference.bytes} bytes that ${reference.worker} sent through Redis are damaged: ${why}.`,
  );
}
