import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import * as v from 'valibot';
import { parseJson } from '../_read-json-file.js';
import type { RecipeIdentity } from '../load-recipe.js';
import { PopulationError } from '../population-error.js';
import { isWrongType } from './_queue-errors.js';
import { keysOf, PROTOCOL_VERSION, QUEUE_LEASE } from './_queue-messages.js';

/** How long an entry stays after the last sign of life, seconds. */
const PRESENCE_LEASE = 20;
const RENEW_INTERVAL = 5000;
/** More are not shown. */
const MOST_SHOWN = 200;

// Members are `identity\nrole\ntoken\nname`: everybody present must share the identity, that is the protocol and the
// recipe. Only Redis's clock is used. What nobody of this package wrote is removed.
const BE_PRESENT = `
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 3600, '+inf')
local shown = {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[4]))) do
  if #member > 2000 or not string.find(member, '^%[%d+,".*"%]\\n%a+\\n[%x-]+\\n[^\\n]*$') then
    redis.call('ZREM', KEYS[1], member)
  else
    if string.sub(member, 1, #ARGV[1] + 1) ~= ARGV[1] .. '\\n' then return {'conflict', member} end
    shown[#shown + 1] = member
  end
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1] .. '\\n' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], 3600)
return {'present', unpack(shown)}`;

/** What BullMQ keeps for a queue besides its jobs; `stalled-check` expires by itself, and must. */
const BULLMQ_KEYS =
  'wait active paused delayed prioritized completed failed stalled marker meta id pc events waiting-children'.split(
    ' ',
  );

export interface PresenceSettings {
  readonly queueName: string;
  readonly recipe: RecipeIdentity;
  readonly role: 'worker' | 'collector';
  readonly name: string;
  /** A process of another protocol or recipe is there now: Redis lost its data, and the others were first. */
  readonly onConflict: (error: unknown) => void;
  /** Names of the workers that are connected, after every look. */
  readonly onWorkers?: (names: readonly string[]) => void;
}

/** The sign that a process is connected, renewed until it leaves. */
export class QueuePresence {
  private readonly identity: string;
  private readonly self: string;
  private timer: NodeJS.Timeout | undefined;
  private renewals = 0;

  constructor(
    private readonly redis: Redis,
    private readonly settings: PresenceSettings,
  ) {
    const { recipe, role, name } = settings;
    this.identity = JSON.stringify([PROTOCOL_VERSION, recipe.name, recipe.version]);
    this.self = `${role}\n${randomUUID()}\n${name.replaceAll('\n', ' ').slice(0, 200)}`;
  }

  /** @throws PopulationError `QUEUE_PROTOCOL_MISMATCH` or `RECIPE_MISMATCH` when others are there for something else */
  async enter(): Promise<void> {
    await this.renew();
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      // A Redis that is away is noticed elsewhere.
      this.renew().catch((error) => error instanceof PopulationError && this.settings.onConflict(error));
    }, RENEW_INTERVAL);
    this.timer.unref();
  }

  /** Frees the queue for other recipes at once, when Redis is there to hear it. */
  leave(connected: boolean): void {
    clearInterval(this.timer);
    if (connected) {
      this.redis
        .zrem(keysOf(this.settings.queueName).present, `${this.identity}\n${this.self}`)
        .catch(() => {});
    }
  }

  private async renew(): Promise<void> {
    const { queueName, onWorkers } = this.settings;
    const { present } = keysOf(queueName);
    const look = () =>
      this.redis.eval(BE_PRESENT, 1, present, this.identity, this.self, PRESENCE_LEASE, MOST_SHOWN - 1);
    const [outcome, ...members] = (await look().catch(async (error) => {
      if (!isWrongType(error)) throw error;
      await this.redis.del(present);
      return await look();
    })) as string[];
    if (outcome === 'conflict') throw conflict(queueName, this.identity, members[0] ?? '');
    onWorkers?.(
      members.flatMap((member) => {
        const [, role, , name] = member.split('\n');
        return role === 'worker' ? [name ?? ''] : [];
      }),
    );
    if (this.renewals++ % 12 === 0) {
      const pipeline = this.redis.pipeline();
      for (const key of BULLMQ_KEYS) pipeline.expire(`bull:${queueName}:${key}`, QUEUE_LEASE);
      await pipeline.exec();
    }
  }
}

const identitySchema = v.strictTuple([v.number(), v.string(), v.string()]);

function conflict(queueName: string, own: string, member: string): PopulationError {
  const [identity = '', role = '', , name = ''] = member.split('\n');
  const read = (text: string) => parseJson(text, identitySchema);
  const there = `Queue ${JSON.stringify(queueName)} is in use`;
  const remedy = `Give each its own queue (queueName), or wait: ${PRESENCE_LEASE} s after the last other process has ended the queue is free.`;
  let other: v.InferOutput<typeof identitySchema>;
  try {
    other = read(identity);
  } catch {
    return new PopulationError(
      'QUEUE_PROTOCOL_MISMATCH',
      `${there} by something that this package cannot read. ${remedy}`,
    );
  }
  const mine = read(own);
  if (other[0] !== mine[0]) {
    return new PopulationError(
      'QUEUE_PROTOCOL_MISMATCH',
      `${there} with protocol version ${other[0]}; this version of @mnist/population speaks ${mine[0]}. Install the same ` +
        `version of the package on all machines. ${remedy}`,
    );
  }
  return new PopulationError(
    'RECIPE_MISMATCH',
    `${there} for recipe ${other[1]} ${other[2]} (${role} ${name}); here it is ${mine[1]} ${mine[2]}. Start all ` +
      `processes with the same version of the recipe. ${remedy}`,
  );
}
