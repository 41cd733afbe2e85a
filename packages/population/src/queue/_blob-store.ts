import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { parseJson } from '../_read-json-file.js';
import { PopulationError } from '../population-error.js';
import { type BlobReference, blobSchema, COLLECTED, keysOf } from './_queue-messages.js';

/** Redis takes values up to 512 MB, but a large one blocks every other client while it is copied. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Blobs that nobody refers to yet vanish after so long, seconds. */
const UPLOAD_LEASE = 3600;
/** A checkpoint that nobody asked for vanishes after so long, seconds. */
const CHECKPOINT_LEASE = 7 * 24 * 3600;

// Both scripts may run twice: a command whose answer was lost with the connection is sent again.
const ACCEPT_RESULT = `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held == ARGV[2] then return 1 end
local blob = {unpack(KEYS, 2)}
if held then redis.call('DEL', unpack(blob)) return 0 end
if redis.call('EXISTS', unpack(blob)) ~= #blob then return -1 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
for _, key in ipairs(blob) do redis.call('PERSIST', key) end
return 1`;
const REPLACE_CHECKPOINT = `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held == ARGV[2] then return 1 end
local blob = {unpack(KEYS, 2)}
if held and cjson.decode(held).step > tonumber(ARGV[3]) then redis.call('DEL', unpack(blob)) return 0 end
if redis.call('EXISTS', unpack(blob)) ~= #blob then return -1 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
for _, key in ipairs(blob) do redis.call('EXPIRE', key, ARGV[4]) end
if held then
  local old = cjson.decode(held)
  for i = 0, old.chunks - 1 do redis.call('DEL', ARGV[5] .. old.id .. ':' .. i) end
end
return 1`;

/** Results and checkpoints of one population in Redis. */
export class BlobStore {
  private readonly keys: ReturnType<typeof keysOf>;

  constructor(
    private readonly redis: Redis,
    queueName: string,
    private readonly population: string,
  ) {
    this.keys = keysOf(queueName);
  }

  /** Whether the net has arrived; then nobody needs to train it any more. */
  async hasResult(index: number): Promise<boolean> {
    return (await this.redis.hexists(this.keys.results(this.population), String(index))) === 1;
  }

  /** Offers a result. False when the net has arrived already: this copy is thrown away. */
  async offerResult(index: number, data: Buffer, worker: string): Promise<boolean> {
    for (;;) {
      const reference = await this.upload(data, worker, 0);
      const keys = [this.keys.results(this.population), ...this.chunkKeys(reference)];
      const answer = await this.redis.eval(
        ACCEPT_RESULT,
        keys.length,
        ...keys,
        index,
        JSON.stringify(reference),
      );
      if (answer !== -1) return answer === 1;
      // Redis has lost a chunk (restarted without persistence): send it again.
    }
  }

  /** The nets of `indices` that have a result waiting. */
  async waitingResults(indices: readonly number[]): Promise<Map<number, BlobReference>> {
    if (indices.length === 0) return new Map();
    const found = await this.redis.hmget(this.keys.results(this.population), ...indices.map(String));
    return new Map(
      found.flatMap((text, i) =>
        text === null || text === COLLECTED ? [] : [[indices[i]!, parseReference(text)] as const],
      ),
    );
  }

  /** Says that the result is safe elsewhere. What arrives later is ignored. */
  async markCollected(index: number, reference: BlobReference): Promise<void> {
    await this.redis
      .multi()
      .hset(this.keys.results(this.population), String(index), COLLECTED)
      .del(...this.chunkKeys(reference))
      .exec();
    await this.dropCheckpoint(index);
  }

  /** The net is wanted again: it was set aside, or its result was damaged. */
  async forgetResult(index: number, reference?: BlobReference): Promise<void> {
    await this.redis.hdel(this.keys.results(this.population), String(index));
    if (reference !== undefined) await this.redis.del(...this.chunkKeys(reference));
  }

  /** A checkpoint that is behind the one in store is thrown away: it comes from a worker that was cut off. */
  async saveCheckpoint(index: number, data: Buffer, worker: string, step: number): Promise<boolean> {
    const reference = await this.upload(data, worker, step);
    const keys = [this.keys.checkpoints(this.population), ...this.chunkKeys(reference)];
    const text = JSON.stringify(reference);
    const answer = await this.redis.eval(
      REPLACE_CHECKPOINT,
      keys.length,
      ...keys,
      index,
      text,
      step,
      CHECKPOINT_LEASE,
      this.keys.chunk('', 0).slice(0, -2),
    );
    return answer === 1;
  }

  /** Undefined when there is none, or when it has vanished meanwhile. */
  async loadCheckpoint(index: number): Promise<{ data: Buffer; step: number } | undefined> {
    const text = await this.redis.hget(this.keys.checkpoints(this.population), String(index));
    if (text === null) return undefined;
    const reference = parseReference(text);
    try {
      return { data: await this.download(reference), step: reference.step };
    } catch (error) {
      if (error instanceof PopulationError) return undefined; // Replaced by a newer one, or expired: begin anew.
      throw error;
    }
  }

  async dropCheckpoint(index: number): Promise<void> {
    const key = this.keys.checkpoints(this.population);
    const text = await this.redis.hget(key, String(index));
    if (text === null) return;
    await this.redis.hdel(key, String(index));
    await this.redis.del(...this.chunkKeys(parseReference(text)));
  }

  /** @throws PopulationError `QUEUE_DATA_DAMAGED` */
  async download(reference: BlobReference): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (const key of this.chunkKeys(reference)) {
      const chunk = await this.redis.getBuffer(key);
      if (chunk === null)
        throw damaged(reference, `chunk ${chunks.length + 1} of ${reference.chunks} is gone`);
      chunks.push(chunk);
    }
    const data = Buffer.concat(chunks);
    const found = createHash('sha256').update(data).digest('hex');
    if (data.length !== reference.bytes || found !== reference.sha256) {
      throw damaged(reference, `found ${data.length} bytes with SHA-256 ${found.slice(0, 12)}...`);
    }
    return data;
  }

  private async upload(data: Buffer, worker: string, step: number): Promise<BlobReference> {
    const reference: BlobReference = {
      id: randomUUID(),
      chunks: Math.max(1, Math.ceil(data.length / CHUNK_BYTES)),
      bytes: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
      step,
      worker,
    };
    for (const [i, key] of this.chunkKeys(reference).entries()) {
      await this.redis.set(key, data.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES), 'EX', UPLOAD_LEASE);
    }
    return reference;
  }

  private chunkKeys(reference: BlobReference): string[] {
    return Array.from({ length: reference.chunks }, (_, chunk) => this.keys.chunk(reference.id, chunk));
  }
}

function parseReference(text: string): BlobReference {
  try {
    return parseJson(text, blobSchema);
  } catch (error) {
    throw new PopulationError('QUEUE_DATA_DAMAGED', `A reference in Redis ${(error as Error).message}.`);
  }
}

function damaged(reference: BlobReference, why: string): PopulationError {
  return new PopulationError(
    'QUEUE_DATA_DAMAGED',
    `The ${reference.bytes} bytes that ${reference.worker} sent through Redis are damaged: ${why}.`,
  );
}
