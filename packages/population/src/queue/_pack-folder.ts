import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { listFiles } from '../_durable-files.js';
import { parseJson, wholeNumber } from '../_read-json-file.js';
import { PopulationError } from '../population-error.js';

const MAGIC = 'MNPF';
const headerSchema = v.array(v.strictObject({ path: v.string(), bytes: wholeNumber }));

/** All files of a folder in one buffer: magic, length of the header (uint32 LE), header as JSON, the files' bytes. */
export async function packFolder(folder: string): Promise<Buffer> {
  const paths = (await listFiles(folder)).filter((path) => !path.endsWith('.tmp'));
  const files = await Promise.all(paths.map((path) => readFile(join(folder, path))));
  const header = Buffer.from(JSON.stringify(paths.map((path, i) => ({ path, bytes: files[i]!.length }))));
  const start = Buffer.alloc(8);
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(header.length, 4);
  return Buffer.concat([start, header, ...files]);
}

/**
 * Writes the files of `packFolder` into a folder. Trusts nothing: it came over the network.
 * @throws PopulationError `QUEUE_DATA_DAMAGED`
 */
export async function unpackFolder(packed: Buffer, folder: string): Promise<void> {
  if (packed.length < 8 || packed.toString('latin1', 0, 4) !== MAGIC) throw damaged('it is no packed folder');
  let at = 8 + packed.readUInt32LE(4);
  let header: v.InferOutput<typeof headerSchema>;
  try {
    header = parseJson(packed.toString('utf8', 8, at), headerSchema);
  } catch (error) {
    throw damaged(`its header ${(error as Error).message}`);
  }
  if (at + header.reduce((sum, file) => sum + file.bytes, 0) !== packed.length)
    throw damaged('its length is wrong');
  for (const { path, bytes } of header) {
    const parts = path.split('/');
    if (parts.some((part) => ['', '.', '..'].includes(part)) || /[\\:\0]/.test(path)) {
      throw damaged(`it names the file ${JSON.stringify(path)}, which may lie outside its folder`);
    }
    const target = join(folder, ...parts);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, packed.subarray(at, at + bytes));
    at += bytes;
  }
}

function damaged(why: string): PopulationError {
  return new PopulationError('QUEUE_DATA_DAMAGED', `Data from the queue cannot be unpacked: ${why}.`);
}
